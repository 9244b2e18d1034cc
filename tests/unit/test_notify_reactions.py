"""Which events of others make notify do what."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.aggregate import Received, To
from chassis.ids import new_id
from chassis.limits import load_limits
from contracts.codes import Channel, IssueKind, ObligationRole, Urgency
from contracts.event import Event
from contracts.intake import IssueAccepted, IssueAnswered, IssueDeclined
from contracts.intake_turns import IssueMerged, IssueObjectionRejected, IssueReopened
from contracts.router import Obligation, OrderCompleted, OrderDispatched, OrderLimitsRecomputed
from contracts.router_requests import OrderExcluded, OrderExtensionApproved, OrderSuspended, OrderSuspensionRenewed
from contracts.router_turns import OrderAppealWithdrawn, OrderCancelled, OrderLateCallerJoined
from services.notify import aggregates, delivery_aggregates
from services.notify.delivery_model import Create
from services.notify.reactions import in_sample, reactions
from services.notify.revisit_commands import Basis, Cancel, Open, OpenForAnswer
from services.notify.templates import Templates

HERE = Path(aggregates.__file__).parent
LIMITS = load_limits(HERE / "limits.toml")
REVISITS, DELIVERIES = aggregates.revisits(LIMITS), delivery_aggregates.deliveries(LIMITS)
REACTIONS = reactions(REVISITS, DELIVERIES, Templates.load(HERE / "templates.toml", LIMITS.calendar.zone), 1.0)
ISSUE, ORDER = new_id(), new_id()
CALLERS = [new_id(), new_id()]
AT = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)

accepted = IssueAccepted(
    kind=IssueKind.COMPLAINT,
    item_code="0101",
    street_code=None,
    urgency=Urgency.NORMAL,
    channel=Channel.HOTLINE,
    appeals=CALLERS,
    handling_due=AT,
    by="A1",
)
dispatched = OrderDispatched(
    issue_id=ISSUE,
    appeals=CALLERS,
    obligations=[
        Obligation(unit="S150105004", role=ObligationRole.LEAD, sign_due=AT, contact_due=AT, yellow_at=AT, due=AT)
    ],
    rule="locality",
    reference_version="1",
    contact_hours=24,
    limit_working_days=5,
    promised_at=AT,
    by=None,
)
completed = OrderCompleted(
    issue_id=ISSUE, round=2, appeals=CALLERS, units=["S150105004"], revisit_due=AT, by="V1", item_code="0101"
)


def react(event: Event, event_id: str, aggregate_id: str = ORDER) -> list[To]:
    received: Received[Any] = Received(event_id, aggregate_id, ISSUE, AT, 1, event)
    return REACTIONS[type(event)](received)


def told(to: list[To]) -> list[Create]:
    return [one.command for one in to if one.aggregate is DELIVERIES]


def test_every_caller_is_told_of_acceptance() -> None:
    cause = new_id()
    assert told(react(accepted, cause, ISSUE)) == [
        Create(ISSUE, caller, cause, "issue_accepted", "1") for caller in CALLERS
    ]


TURNED: list[tuple[Event, str]] = [
    (
        IssueDeclined(exclusion_code="X0101", exclusion_version="1", proposed_by="A1", by="A2", appeals=CALLERS),
        "issue_declined",
    ),
    (IssueObjectionRejected(by="S1", appeals=CALLERS), "objection_rejected"),
    (IssueMerged(into=ORDER, appeals=CALLERS, evidence="same_event", reversible_until=AT, by="A1"), "issue_merged"),
    (
        IssueReopened(
            appeal_id=CALLERS[0],
            reason="unsolved",
            opened_at=AT,
            **accepted.model_dump(exclude={"order_number"}),
            order_number=2,
            last_order_id=ORDER,
        ),
        "issue_reopened",
    ),
]


@pytest.mark.parametrize(("event", "template"), TURNED, ids=[template for _, template in TURNED])
def test_every_caller_is_told_when_their_issue_takes_a_turn(event: Event, template: str) -> None:
    cause = new_id()
    assert told(react(event, cause, ISSUE)) == [Create(ISSUE, caller, cause, template, "1") for caller in CALLERS]


@pytest.mark.parametrize("urgency", Urgency)
@pytest.mark.parametrize("event", [accepted, dispatched, completed], ids=["accepted", "dispatched", "completed"])
def test_only_callers_of_an_emergency_are_told_in_the_quiet_hours_and_beyond_the_cap(
    event: Event, urgency: Urgency
) -> None:
    messages = told(react(event.model_copy(update={"urgency": urgency}), new_id()))
    assert [message.urgent for message in messages] == [urgency is Urgency.EMERGENCY] * len(CALLERS)


def test_every_caller_is_told_the_promised_date() -> None:
    cause = new_id()
    assert told(react(dispatched, cause)) == [
        Create(ISSUE, caller, cause, "order_dispatched", "1", AT) for caller in CALLERS
    ]


def test_every_caller_is_told_when_the_promised_date_moves_by_a_recount() -> None:
    cause = new_id()
    moved = OrderLimitsRecomputed(
        issue_id=ISSUE,
        calendar="2027-1",
        recomputed_at=AT,
        obligations=[],
        step_due=None,
        promised_before=AT,
        promised_at=AT + timedelta(days=7),
        appeals=CALLERS,
    )
    assert told(react(moved, cause)) == [
        Create(ISSUE, caller, cause, "promise_moved", "1", AT + timedelta(days=7)) for caller in CALLERS
    ]


def test_every_caller_of_a_completed_order_is_told_and_called_back() -> None:
    cause = new_id()
    to = react(completed, cause)
    assert told(to) == [Create(ISSUE, caller, cause, "order_completed", "1") for caller in CALLERS]
    assert [one.command for one in to if one.aggregate is REVISITS] == [
        Open(ISSUE, ORDER, caller, 2, item_code="0101", completed_at=AT) for caller in CALLERS
    ]


answered = IssueAnswered(
    kind=IssueKind.CONSULTATION,
    item_code="0101",
    knowledge_id="K0101",
    knowledge_version="3",
    by="A1",
    appeals=CALLERS,
)


def test_every_caller_of_a_sampled_answer_is_called_back() -> None:
    to = react(answered, new_id(), ISSUE)
    assert {one.aggregate.name for one in to} == {"revisit"}
    assert [one.command for one in to] == [OpenForAnswer(ISSUE, caller, "K0101", "0101", AT) for caller in CALLERS]


def test_the_sample_is_the_same_whenever_it_is_drawn_and_as_large_as_it_should_be() -> None:
    issues = [new_id() for _ in range(4000)]
    sampled = [issue for issue in issues if in_sample(issue, 0.1)]
    assert sampled == [issue for issue in issues if in_sample(issue, 0.1)]
    assert 300 < len(sampled) < 500
    assert set(sampled) <= {issue for issue in issues if in_sample(issue, 0.2)}
    assert all(in_sample(issue, 1.0) for issue in issues)


def test_an_answer_outside_of_the_sample_is_called_back_by_nobody() -> None:
    none = reactions(REVISITS, DELIVERIES, Templates.load(HERE / "templates.toml", LIMITS.calendar.zone), 1e-18)
    assert none[IssueAnswered](Received(new_id(), ISSUE, ISSUE, AT, 1, answered)) == []


late = OrderLateCallerJoined(issue_id=ISSUE, appeal_id=CALLERS[0], round=3, item_code="0101")


def test_a_caller_who_joined_a_closed_order_is_called_back() -> None:
    [one] = react(late, new_id())
    assert one.command == Open(ISSUE, ORDER, CALLERS[0], 3, Basis.LATE_CALLER, "0101", AT)


def test_a_late_caller_who_withdraws_is_not_called_any_more() -> None:
    [opened] = react(late, new_id())
    [left] = react(OrderAppealWithdrawn(appeal_id=CALLERS[0], round=3, late=True), new_id())
    assert (left.aggregate, left.id, left.command) == (REVISITS, opened.id, Cancel())


@pytest.mark.parametrize(("last", "event"), [(None, answered), (ORDER, late)], ids=["answered", "late caller"])
def test_whoever_is_handled_anew_is_not_asked_about_what_was_before(last: str | None, event: Event) -> None:
    opened = {one.id for one in react(event, new_id(), ISSUE if last is None else last)}
    reopened = IssueReopened(
        appeal_id=CALLERS[0],
        reason="unsolved",
        opened_at=AT,
        **accepted.model_dump(exclude={"order_number"}),
        order_number=2,
        last_order_id=last,
    )
    cancelled = {one.id for one in react(reopened, new_id(), ISSUE) if one.command == Cancel()}
    assert opened <= cancelled


EXTENDED = OrderExtensionApproved(request_id=ORDER, unit="S150105004", obligations=[], appeals=CALLERS, due=AT, by="V1")
SUSPENDED = OrderSuspended(
    request_id=ORDER,
    unit="S150105004",
    reason="season",
    suspended_at=AT,
    recheck_due=AT,
    appeals=CALLERS,
    by="V1",
)
RENEWED = OrderSuspensionRenewed(unit="S150105004", recheck_due=AT, number=1, appeals=CALLERS, by="V1")


@pytest.mark.parametrize(
    ("event", "template"),
    [(EXTENDED, "order_extended"), (SUSPENDED, "order_suspended"), (RENEWED, "order_suspended")],
    ids=["extension", "suspension", "renewal"],
)
def test_every_caller_is_told_that_it_takes_longer_and_until_when(event: Event, template: str) -> None:
    cause = new_id()
    assert told(react(event, cause)) == [Create(ISSUE, caller, cause, template, "1", AT) for caller in CALLERS]


@pytest.mark.parametrize("explained", [True, False])
def test_every_caller_is_told_of_an_explained_end_but_not_of_a_score(explained: bool) -> None:
    excluded = OrderExcluded(
        request_id=ORDER,
        unit="S150105004",
        exclusion_code="X0101",
        explained=explained,
        appeals=CALLERS,
        by="V1",
    )
    assert [one.template for one in told(react(excluded, new_id()))] == ["order_explained"] * (2 * explained)


@pytest.mark.parametrize(
    ("event", "called"),
    [
        (OrderCancelled(issue_id=ISSUE, reason="merged", merged_into=ORDER, whistles=[], case_id=None), []),
        (
            OrderCancelled(
                issue_id=ISSUE,
                reason="merged",
                merged_into=ORDER,
                whistles=[],
                case_id=None,
                round=2,
                called=CALLERS,
            ),
            CALLERS,
        ),
        (OrderAppealWithdrawn(appeal_id=CALLERS[0]), []),
        (OrderAppealWithdrawn(appeal_id=CALLERS[0], round=2), CALLERS[:1]),
    ],
    ids=["before the calls", "during the calls", "withdrawn before", "withdrawn during"],
)
def test_nobody_is_called_back_about_what_has_ended_some_other_way(event: Event, called: list[str]) -> None:
    opened = {one.command.appeal_id: one.id for one in react(completed, new_id()) if one.aggregate is REVISITS}
    assert [(one.id, one.command) for one in react(event, new_id())] == [(opened[one], Cancel()) for one in called]


def test_the_same_event_again_means_the_same_messages_and_another_one_others() -> None:
    first, other = new_id(), new_id()
    assert react(completed, first) == react(completed, first)
    messages = {one.id for one in react(accepted, first) + react(accepted, other) if one.aggregate is DELIVERIES}
    assert len(messages) == 4


def test_one_call_back_per_order_caller_and_round() -> None:
    again = completed.model_copy(update={"round": 3})
    first, second, other_event = react(completed, new_id()), react(again, new_id()), react(completed, new_id())
    ids = [{one.id for one in to if one.aggregate is REVISITS} for to in (first, second, other_event)]
    assert ids[0] == ids[2]
    assert ids[0].isdisjoint(ids[1])

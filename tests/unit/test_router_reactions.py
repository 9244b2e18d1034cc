"""What the router does when a sister service speaks: one event, one command, the same each time."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.aggregate import After, Received, Written
from chassis.ids import derived_beside
from chassis.limits import load_limits
from contracts.codes import Agency, Channel, IssueKind, MediationOutcome, ReasonClass, Resolution, Satisfaction, Urgency
from contracts.event import Event
from contracts.intake import AppealAdded, IssueAccepted, IssueFollowedUp, IssueTransferred
from contracts.intake_turns import (
    AppealWithdrawn,
    IssueEmergencyAssessed,
    IssueMerged,
    IssueReopened,
    IssueUnmerged,
    IssueWithdrawn,
)
from contracts.mediation import CaseAccepted, CaseAgreed, CaseFailed, CaseReferredOut, CaseTerminated, Instalment
from contracts.mediation_petitions import (
    PetitionAccepted,
    PetitionGuidedAway,
    PetitionNotAccepted,
    PetitionOpinionIssued,
    PetitionResolvedLocally,
    PetitionWithdrawn,
)
from contracts.mediation_prestage import PrestageSettled
from contracts.notify import RevisitRecorded, RevisitUnreached
from contracts.router import OrderClosed
from contracts.router_whistles import WhistleCancelled, WhistleClosed
from services.router import aggregates, reference_tables
from services.router.order_commands import (
    AddAppeal,
    DispatchAtOnce,
    Open,
    RecordRevisit,
    Remind,
    ReturnFromMediation,
    Review,
    SettleByMediation,
    SettleWhistle,
    Sign,
    StopClock,
)
from services.router.order_model import WorkOrder
from services.router.petition_reactions import petition_reactions
from services.router.reactions import order_id_of, reactions
from services.router.turn_commands import Cancel, CancelReason, PassOn, RaiseUrgency, WithdrawAppeal
from tests.unit.order_life import A1, STREET, Life, completed, opening, revisit, work

REFERENCE = reference_tables.build("v1", reference_tables.read(reference_tables.DIRECTORY))
ORDERS = aggregates.orders(load_limits(Path(aggregates.__file__).parent / "limits.toml"))
REACTIONS = {**reactions(ORDERS, lambda: REFERENCE), **petition_reactions(ORDERS)}
SENDER, ISSUE, ORDER, APPEAL, OTHER = (f"01900000-0000-7000-8000-00000000000{n}" for n in range(1, 6))
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


def react(event: Event, sender: str = SENDER) -> list[tuple[str, Any]]:
    reaction = REACTIONS.get(type(event))
    if reaction is None:
        return []
    return [(to.id, to.command) for to in reaction(Received(OTHER, sender, ISSUE, NOW, 1, event))]


def accepted(item: str, street: str | None) -> IssueAccepted:
    return IssueAccepted(
        kind=IssueKind.COMPLAINT,
        item_code=item,
        street_code=street,
        urgency=Urgency.NORMAL,
        channel=Channel.HOTLINE,
        appeals=[APPEAL],
        handling_due=NOW,
        by="A1",
    )


def opened(event: IssueAccepted) -> Open:
    ((order_id, command),) = react(event, ISSUE)
    assert order_id == derived_beside(ISSUE, "order", "1")
    assert isinstance(command, Open)
    return command


def test_an_accepted_issue_opens_an_order_that_the_rules_route() -> None:
    command = opened(accepted("0406", "150102001"))
    assert command.routing is not None
    assert [unit.unit for unit in command.routing.units] == ["S150102001", "D15010026"]
    assert (command.routing.reference_version, command.queue_reason) == ("v1", None)
    assert command.urgency is Urgency.URGENT, "the catalogue's urgency counts where it is higher"


def test_an_order_says_at_its_end_which_of_its_issue_it_is() -> None:
    life = Life().do(replace(opening(), number=2), Sign(STREET, "U1"))
    ended = revisit(work(life).do(Review(None, None, "R1")), A1, Resolution.YES).last[-1]
    assert isinstance(ended, OrderClosed)
    assert ended.order_number == 2
    assert opened(accepted("0406", "150102001")).number == 1


@pytest.mark.parametrize(
    ("item", "street", "reason"), [("0406", None, "unknown_place"), ("9999", None, "unknown_item")]
)
def test_what_the_rules_do_not_know_waits_for_the_dispatcher(item: str, street: str | None, reason: str) -> None:
    command = opened(accepted(item, street))
    assert (command.routing, command.queue_reason) == (None, reason)


def test_a_danger_that_is_seen_later_sends_what_waits_for_a_dispatcher_to_the_rules_units_at_once() -> None:
    seen = IssueEmergencyAssessed(emergency=Agency.FIRE, triage_due=NOW, by="A1")
    (first, raised), (second, after) = react(seen, ISSUE)
    assert (first, second, raised) == (*[derived_beside(ISSUE, "order", "1")] * 2, RaiseUrgency("A1"))
    for item, street, units in (("0406", None, ["D15010026"]), ("9999", "150102", ["G150102", "D15010025"])):
        life = Life().do(replace(opened(accepted(item, street)), routing=None), raised)
        command = after.make([Written(first, 2, life.order)])
        assert [duty.unit for duty in life.do(command).order.duties] == units
    assert after.make([Written(first, 0, WorkOrder())]) == DispatchAtOnce(None), "there may be no order"


def test_an_order_waits_at_the_desk_of_its_county_where_that_is_known() -> None:
    assert [opened(accepted("0406", place)).desk for place in (None, "150102", "150102001")] == [None, "G150102", None]


RECORDED = RevisitRecorded(
    order_id=ORDER,
    appeal_id=APPEAL,
    round=2,
    contacted=True,
    in_time=True,
    resolution=Resolution.PARTLY,
    satisfaction=Satisfaction.NEUTRAL,
    reason_class=ReasonClass.UNIT_WORK,
    by="R1",
)
PRESTAGE_SETTLED = PrestageSettled(order_id=ORDER, kind="triangle", revisit_due=NOW, by="C1")
AGREED = CaseAgreed(
    order_id=ORDER,
    agreement_id=OTHER,
    form="oral",
    effective_at=NOW,
    confirmation_until=NOW,
    instalments=[Instalment(number=1, due=NOW)],
    by="M1",
)
PETITION_ACCEPTED = PetitionAccepted(
    order_id=ORDER,
    authority="D15010202",
    accepted_at=NOW,
    in_time=True,
    handling_due=NOW,
    appeals=[APPEAL],
    by="P1",
)
LOCALLY = PetitionResolvedLocally(order_id=ORDER, result_id=OTHER, feedback_due=NOW, by="P1")
OPINION = PetitionOpinionIssued(
    order_id=ORDER,
    authority="D15010202",
    finding_id=OTHER,
    outcome="supported",
    in_time=True,
    delivered_at=NOW,
    review_until=NOW,
    feedback_due=NOW,
    appeals=[APPEAL],
    by="P1",
)
GUIDED_AWAY = PetitionGuidedAway(order_id=ORDER, reason="litigation", to="court", appeals=[APPEAL], by="C1")
NOT_ACCEPTED = PetitionNotAccepted(
    order_id=ORDER,
    authority="D15010202",
    reason="litigation",
    to="court",
    feedback_due=NOW,
    appeals=[APPEAL],
    by="P1",
)
WITHDRAWN = PetitionWithdrawn(order_id=ORDER, reason="petition_withdrawn", by="C1")
FAILED = CaseFailed(order_id=ORDER, reason="overdue", guidance_due=NOW, by=None)


@pytest.mark.parametrize(
    ("event", "command"),
    [
        (CaseAccepted(order_id=ORDER, accepted_at=NOW, assign_due=NOW), StopClock(SENDER, NOW)),
        (AGREED, SettleByMediation(SENDER)),
        (PRESTAGE_SETTLED, SettleByMediation(SENDER)),
        (FAILED, ReturnFromMediation(SENDER, MediationOutcome.FAILED)),
        (
            CaseTerminated(order_id=ORDER, outcome=MediationOutcome.REFUSED, party_id=None),
            ReturnFromMediation(SENDER, MediationOutcome.REFUSED),
        ),
        (
            CaseReferredOut(order_id=ORDER, guidance="court", by="C1"),
            ReturnFromMediation(SENDER, MediationOutcome.OUT_OF_SCOPE),
        ),
        (
            RECORDED,
            RecordRevisit(
                APPEAL, 2, Resolution.PARTLY, ReasonClass.UNIT_WORK, SENDER, True, True, Satisfaction.NEUTRAL
            ),
        ),
        (
            RevisitUnreached(order_id=ORDER, appeal_id=APPEAL, round=1, attempts=3),
            RecordRevisit(APPEAL, 1, None, revisit_id=SENDER),
        ),
        (WhistleClosed(order_id=ORDER), SettleWhistle(SENDER)),
        (WhistleCancelled(order_id=ORDER, issue_id=ISSUE, reason="discarded", by="U1"), SettleWhistle(SENDER)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_news_for_an_order(event: Event, command: object) -> None:
    assert react(event) == [(ORDER, command)]
    assert react(event) == react(event)


@pytest.mark.parametrize(
    ("event", "commands"),
    [
        (AppealAdded(appeal_id=APPEAL, appellant_id=OTHER, channel=Channel.WEB), [AddAppeal(APPEAL)]),
        (IssueFollowedUp(follow_up_id=OTHER, appeal_id=APPEAL, follow_up="reminder"), [Remind(APPEAL, OTHER)]),
        (IssueFollowedUp(follow_up_id=OTHER, appeal_id=APPEAL, follow_up="supplement"), []),
        (IssueTransferred(agency=Agency.FIRE, by="A1"), [Cancel(CancelReason.TRANSFERRED)]),
        (
            IssueMerged(into=OTHER, appeals=[APPEAL], evidence="same_event", reversible_until=NOW, by="A1"),
            [Cancel(CancelReason.MERGED, merged_into=OTHER)],
        ),
        (
            IssueWithdrawn(appeal_id=APPEAL, keep_for_safety=False, by="A1"),
            [Cancel(CancelReason.WITHDRAWN, appeal_id=APPEAL)],
        ),
        (IssueWithdrawn(appeal_id=APPEAL, keep_for_safety=True, by="A1"), [WithdrawAppeal(APPEAL)]),
        (AppealWithdrawn(appeal_id=APPEAL, reason="caller", by="A1"), [WithdrawAppeal(APPEAL)]),
        (IssueEmergencyAssessed(emergency=None, triage_due=NOW, by="A1"), []),
    ],
    ids=[
        *("joined", "reminder", "supplement", "transferred", "merged", "withdrawn", "kept for safety", "one withdrew"),
        "no danger seen",
    ],
)
def test_news_of_an_issue(event: Event, commands: list[object]) -> None:
    assert react(event, ISSUE) == [(derived_beside(ISSUE, "order", "1"), command) for command in commands]


@pytest.mark.parametrize(
    "event", [AGREED, PRESTAGE_SETTLED, FAILED, CaseAccepted(order_id=ORDER, accepted_at=NOW, assign_due=NOW)], ids=repr
)
def test_a_case_that_came_through_the_door_has_no_order(event: Event) -> None:
    assert react(event.model_copy(update={"order_id": None})) == []


@pytest.mark.parametrize(
    ("event", "command"),
    [
        (PETITION_ACCEPTED, StopClock(SENDER, NOW)),
        (LOCALLY, SettleByMediation(SENDER)),
        (OPINION, SettleByMediation(SENDER)),
        (GUIDED_AWAY, ReturnFromMediation(SENDER, MediationOutcome.OUT_OF_SCOPE)),
        (NOT_ACCEPTED, ReturnFromMediation(SENDER, MediationOutcome.OUT_OF_SCOPE)),
        (WITHDRAWN, ReturnFromMediation(SENDER, MediationOutcome.REFUSED)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_news_of_a_petition_for_its_order(event: Event, command: object) -> None:
    assert react(event) == [(ORDER, command)]
    assert react(event.model_copy(update={"order_id": None})) == [], "one that came another way has none"


def going_on(event: Event, earlier: Life) -> tuple[str, PassOn, str, Open]:
    """Both commands of a reopening, the second made of what the first has left."""
    (before, passing), (after, following) = react(event, ISSUE)
    assert isinstance(following, After)
    earlier.do(passing)
    made = following.make([Written(before, 9, earlier.order)])
    return before, passing, after, made


AGAIN: dict[str, Any] = {
    "kind": IssueKind.COMPLAINT,
    "item_code": "0403",
    "street_code": "150102002",
    "urgency": Urgency.NORMAL,
    "channel": Channel.HOTLINE,
    "appeals": [APPEAL],
    "order_number": 2,
    "handling_due": NOW,
    "by": "A1",
}


def test_reopened_goes_to_the_unit_that_had_it_last_and_counts_as_a_rework() -> None:
    reopened = IssueReopened(
        appeal_id=APPEAL, reason="unsolved", opened_at=NOW, last_order_id=order_id_of(ISSUE), **AGAIN
    )
    closed = revisit(completed(), completed().called[0], Resolution.YES)
    before, passing, after, command = going_on(reopened, closed)
    assert (before, after) == (order_id_of(ISSUE), order_id_of(ISSUE, 2))
    assert passing == PassOn(after, rework=True)
    assert command.routing is not None
    assert [unit.unit for unit in command.routing.units] == [STREET], "not where the rules would send it"
    assert (command.reworks, command.reopened, command.earlier_order_id) == (1, True, before)
    life = Life().do(command)
    assert life.happened == ["OrderOpened", "OrderDispatched", "OrderSupervised"]
    assert (life.order.reworks, life.order.supervision) == (1, "yellow")


def test_unmerged_goes_to_the_earlier_lead_and_is_no_rework() -> None:
    cancelled = completed().do(Cancel(CancelReason.MERGED, merged_into=OTHER))
    before, passing, _, command = going_on(IssueUnmerged(merged_into=OTHER, **AGAIN), cancelled)
    assert (before, passing.rework) == (order_id_of(ISSUE), False)
    assert command.routing is not None
    assert [unit.unit for unit in command.routing.units] == [STREET]
    assert (command.reworks, command.reopened) == (0, False)


def test_an_issue_that_never_had_an_order_is_routed_by_the_rules() -> None:
    first = IssueUnmerged(merged_into=OTHER, **{**AGAIN, "order_number": 1})
    ((order_id, command),) = react(first, ISSUE)
    assert order_id == order_id_of(ISSUE)
    assert [unit.unit for unit in command.routing.units] == ["S150102002"]


def test_an_answer_that_was_reopened_is_seen_by_a_supervisor_and_no_units_rework() -> None:
    again = {**AGAIN, "order_number": 1}
    reopened = IssueReopened(appeal_id=APPEAL, reason="unanswered", opened_at=NOW, last_order_id=None, **again)
    ((order_id, command),) = react(reopened, ISSUE)
    assert order_id == order_id_of(ISSUE)
    life = Life().do(command)
    assert life.happened == ["OrderOpened", "OrderDispatched", "OrderSupervised"]
    assert (life.order.reworks, life.order.supervision) == (0, "yellow")


def test_an_earlier_order_that_nobody_knows_is_routed_by_the_rules() -> None:
    reopened = IssueReopened(appeal_id=APPEAL, reason="unsolved", opened_at=NOW, last_order_id=ORDER, **AGAIN)
    *_, command = going_on(reopened, Life())
    assert command.routing is not None
    assert [unit.unit for unit in command.routing.units] == ["S150102002"]


def test_news_of_a_reopened_issue_concern_its_latest_order() -> None:
    reminded = IssueFollowedUp(follow_up_id=OTHER, appeal_id=APPEAL, follow_up="reminder", order_number=2)
    assert react(reminded, ISSUE) == [(order_id_of(ISSUE, 2), Remind(APPEAL, OTHER))]
    assert order_id_of(ISSUE, 2) not in (order_id_of(ISSUE), order_id_of(ISSUE, 3))

"""Every invariant of chaos finds its violation: a check that cannot fail is a defect."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chaos import invariants
from chaos.history import Command, Event, History, Row
from chaos.invariants import KINDS, Violation
from chaos.report import Outcome
from tests.unit.chaos_life import APPEAL, CASE, ISSUE, ORDER, REVISIT, UNIT, record_of, sound

Change = Callable[[History], object]
ANOTHER = "another-1"


def event_named(history: History, name: str) -> int:
    """Where the first event of this name stands."""
    return next(place for place, event in enumerate(history.events) if f".{name}." in event.type)


def changed(name: str, **changes: Any) -> Change:
    def change(history: History) -> None:
        place = event_named(history, name)
        history.events[place] = replace(history.events[place], **changes)

    return change


def forgotten(name: str) -> Change:
    """It never happened."""
    return lambda history: history.events.pop(event_named(history, name))


def again(name: str) -> Change:
    """It happened once more, as the next event of its aggregate."""

    def change(history: History) -> None:
        event = history.events[event_named(history, name)]
        version = 1 + max(other.version for other in history.events if other.id == event.id)
        history.events.append(replace(event, version=version, event_id=ANOTHER))

    return change


def elsewhere(name: str) -> Change:
    """It happened to another aggregate too."""

    def change(history: History) -> None:
        event = history.events[event_named(history, name)]
        history.events.append(replace(event, id=ANOTHER, version=1, event_id=ANOTHER))

    return change


def state(aggregate: str, id_: str, name: str, value: object) -> Change:
    return lambda history: history.rows[aggregate, id_].state.update({name: value})


def row(aggregate: str, id_: str, found: Row | None) -> Change:
    def change(history: History) -> None:
        if found is None:
            del history.rows[aggregate, id_]
        else:
            history.rows[aggregate, id_] = found

    return change


def asked(command: Command, times: int = 1) -> Change:
    return lambda history: history.commands.extend([command] * times)


def record(place: int, **changes: Any) -> Change:
    def change(history: History) -> None:
        history.records[place] = replace(history.records[place], **changes)

    return change


def unknown_record(history: History) -> None:
    history.records.append(record_of(replace(history.events[0], event_id=ANOTHER, id=ANOTHER, version=1), 999))


def swapped_records(history: History) -> None:
    history.records[0], history.records[1] = history.records[1], history.records[0]


def cursor(service: str, aggregate: str, id_: str, sequence: int, parked: bool = False) -> Change:
    def change(history: History) -> None:
        subject = next(subject for subject in history.inbox[service] if subject[1] == f"{aggregate}/{id_}")
        history.inbox[service][subject] = (sequence, parked)

    return change


def other_journal(history: History) -> None:
    source, subject, sequence, _ = history.journal[0]
    history.journal[0] = (source, subject, sequence, {"other": True})


def late_answer(history: History) -> None:
    """Of a caller who joined when the order was closed; the order has not heard of it."""
    event = history.events[event_named(history, "revisit.recorded")]
    late = event.data | {"appeal_id": ANOTHER, "round": 2, "basis": "late_caller"}
    history.events.append(replace(event, id=ANOTHER, version=1, event_id=ANOTHER, data=late))


def unsent(history: History) -> None:
    history.sent.pop()


def sent(**changes: Any) -> Change:
    return lambda history: history.sent.append(history.sent[0] | changes)


ABOUT_ORDER = Command("router", "order", ORDER, "qingcheng.router.order.closed.v1", {})
SIGNED = Command("router", "order", ORDER, "qingcheng.router.order.signed.v1", {"unit": UNIT})
FORGOTTEN = replace(SIGNED, content={"unit": "S150102002"})

VIOLATIONS: list[tuple[str, Change, str, str]] = [
    ("commands_happened_once", asked(FORGOTTEN), "lost", "happened 0 times"),
    ("commands_happened_once", asked(ABOUT_ORDER, 2), "lost", "acknowledged 2 times, happened 1 times"),
    ("commands_happened_once", again("signed"), "duplicated_effects", "asked for 1 times, happened 2 times"),
    ("callers_are_registered_once", elsewhere("registered"), "duplicated_effects", "has 2 appeals"),
    ("histories_are_gapless", forgotten("accepted"), "lost", "[1, 3, 4]"),
    ("histories_are_gapless", changed("accepted", version=1), "lost", "[1, 1, 3, 4]"),
    ("histories_are_gapless", again("signed"), "diverged", "row at 12, history at 13"),
    ("histories_are_gapless", row("order", ORDER, None), "diverged", "row at None"),
    ("histories_are_gapless", row("order", ANOTHER, Row(1, {})), "lost", "has a row and no history"),
    ("histories_are_gapless", changed("accepted", event_id=f"event-{ISSUE}-1"), "duplicated_effects", "2 times"),
    ("events_reached_their_topics", changed("signed", published=False), "stuck", "waits to be published"),
    ("events_reached_their_topics", again("signed"), "lost", "never reached its topic"),
    ("events_reached_their_topics", changed("signed", data={}), "diverged", "is another one"),
    ("events_reached_their_topics", changed("signed", issue_id=ANOTHER), "diverged", "is another one"),
    ("events_reached_their_topics", record(0, topic="router.orders"), "diverged", "is another one"),
    ("events_reached_their_topics", unknown_record, "diverged", "never committed"),
    ("topics_are_in_order", swapped_records, "lost", "has the sequences"),
    ("topics_are_in_order", lambda history: history.records.pop(0), "lost", "[2, 3, 4]"),
    ("topics_are_in_order", record(0, partition=4), "diverged", "several partitions"),
    ("consumers_have_handled_everything", cursor("router", "issue", ISSUE, 2), "stuck", "router has handled 2 of 4"),
    ("consumers_have_handled_everything", cursor("router", "issue", ISSUE, 5), "diverged", "handled 5 events"),
    ("consumers_have_handled_everything", cursor("router", "issue", ISSUE, 4, True), "stuck", "router has parked"),
    ("consumers_have_handled_everything", lambda history: history.inbox.clear(), "stuck", "handled 0 of"),
    ("letters_are_the_poison", lambda history: history.letters.clear(), "lost", "no dead letter of the poison"),
    (
        "letters_are_the_poison",
        lambda history: history.letters.append(("intake", ("router.orders", 1, 1), "defect")),
        "stuck",
        "dead letter (defect)",
    ),
    ("journal_is_the_topics", lambda history: history.journal.pop(), "lost", "journal lacks"),
    (
        "journal_is_the_topics",
        lambda history: history.journal.append(("/router", "order/x", 1, {})),
        "diverged",
        "no topic",
    ),
    ("journal_is_the_topics", other_journal, "diverged", "another"),
    ("states_are_the_fold", state("issue", ISSUE, "status", "accepted"), "diverged", "status is 'accepted'"),
    ("states_are_the_fold", state("issue", ISSUE, "appeals", []), "diverged", "appeals"),
    ("states_are_the_fold", state("order", ORDER, "status", "in_progress"), "diverged", "should be 'closed'"),
    ("states_are_the_fold", state("order", ORDER, "open_whistles", ["w"]), "diverged", "open_whistles"),
    ("states_are_the_fold", state("order", ORDER, "case_id", CASE), "diverged", "case_id"),
    ("states_are_the_fold", state("case", CASE, "consented", []), "diverged", "consented"),
    ("states_are_the_fold", state("revisit", REVISIT, "status", "open"), "diverged", "status is 'open'"),
    ("states_are_the_fold", state("delivery", "delivery-1", "attempt", 2), "diverged", "attempt is 2"),
    ("states_are_the_fold", row("order", ORDER, None), "lost", "has no row"),
    ("causes_have_their_effects", forgotten("opened"), "lost", "order of an accepted issue"),
    ("causes_have_their_effects", elsewhere("opened"), "duplicated_effects", "there 2 times instead of 1"),
    ("causes_have_their_effects", forgotten("accepted"), "diverged", "there 1 times instead of 0"),
    ("causes_have_their_effects", elsewhere("revisit.opened"), "duplicated_effects", "call-back of a completed order"),
    ("causes_have_their_effects", elsewhere("created"), "duplicated_effects", "message to a caller"),
    ("causes_have_their_effects", forgotten("created"), "lost", "message to a caller"),
    ("causes_have_their_effects", forgotten("revisit_noted"), "lost", "caller's answer"),
    ("causes_have_their_effects", late_answer, "lost", "caller's answer"),
    ("causes_have_their_effects", again("revisit_noted"), "duplicated_effects", "caller's answer"),
    ("causes_have_their_effects", forgotten("case.registered"), "lost", "case of a referred order"),
    ("causes_have_their_effects", forgotten("returned_from_mediation"), "lost", "outcome of a case"),
    ("causes_have_their_effects", again("returned_from_mediation"), "duplicated_effects", "outcome of a case"),
    ("causes_have_their_effects", forgotten("whistle_settled"), "lost", "end of a whistle"),
    ("causes_have_their_effects", forgotten("issue.closed"), "lost", "end of an order"),
    ("causes_have_their_effects", forgotten("reminded"), "lost", "reminder at the order"),
    ("causes_have_their_effects", again("reminded"), "duplicated_effects", "reminder at the order"),
    ("deadlines_fired_once", again("signed"), "duplicated_effects", "had its effect 2 times"),
    ("deadlines_fired_once", lambda history: history.overdue.append(("router", ORDER, "red")), "stuck", "deadline red"),
    (
        "deadlines_fired_once",
        lambda history: history.timers.append(("order", ORDER, "red")),
        "diverged",
        "deadline red",
    ),
    ("messages_were_sent_once", unsent, "lost", "never reached the gateway"),
    ("messages_were_sent_once", sent(key=ANOTHER, to="1"), "duplicated_effects", "which is no delivery"),
    ("messages_were_sent_once", sent(key=ANOTHER), "duplicated_effects", "2 times to one caller"),
    ("messages_were_sent_once", state("delivery", "delivery-1", "status", "failed"), "stuck", "is failed"),
]


def test_a_sound_history_has_no_violation() -> None:
    assert invariants.check(sound()) == []


@pytest.mark.parametrize(("invariant", "change", "kind", "words"), VIOLATIONS)
def test_it_finds(invariant: str, change: Change, kind: str, words: str) -> None:
    history = sound()
    change(history)
    found = [violation for violation in getattr(invariants, invariant)(history) if violation.kind == kind]
    assert any(words in violation.what for violation in found), found
    assert set(found) <= set(invariants.check(history))


def test_every_invariant_was_broken() -> None:
    assert {invariant.__name__ for invariant in invariants.INVARIANTS} == {name for name, *_ in VIOLATIONS}
    assert {kind for _, _, kind, _ in VIOLATIONS} == set(KINDS)


def test_records_that_are_there_again_change_nothing() -> None:
    history = sound()
    history.records += [replace(record, offset=1000 + record.offset) for record in history.records]
    assert invariants.check(history) == []


def test_a_command_without_an_answer_may_have_happened_or_not() -> None:
    history = sound()
    history.commands = [replace(SIGNED, acknowledged=False), replace(FORGOTTEN, acknowledged=False)]
    assert invariants.check(history) == []


def test_a_rework_starts_the_clocks_anew() -> None:
    """The same deadline may have its effect once more in the next round, not twice in one."""
    rung = Event("router", "order", ORDER, 1, "e1", "qingcheng.router.order.supervised.v1", ISSUE, {}, "deadline:red")
    reworked = replace(rung, version=2, event_id="e2", type="qingcheng.router.order.reworked.v1", actor="event:x")
    history = History(events=[rung, reworked, replace(rung, version=3, event_id="e3")])
    assert list(invariants.deadlines_fired_once(history)) == []
    history.events.append(replace(rung, version=4, event_id="e4"))
    assert [violation.kind for violation in invariants.deadlines_fired_once(history)] == ["duplicated_effects"]


def test_the_report_has_the_fields_that_are_asked_for() -> None:
    outcome = Outcome(2, 7, recoveries=[3.0, 1.0, 2.04], commands=5, events=9, violations=[Violation("lost", APPEAL)])
    outcome.faults.update(["kill_broker", "poison", "kill_broker"])
    assert outcome.report() == {
        "minutes": 2,
        "seed": 7,
        "faults": {"kill_broker": 2, "poison": 1},
        "commands": 5,
        "events": 9,
        "lost": 1,
        "duplicated_effects": 0,
        "diverged": 0,
        "stuck": 0,
        "recovery_seconds": {"p50": 2.0, "max": 3.0},
    }

"""What must hold after any faults. Each check looks at a history and tells what in it is not so."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from chaos.causes import effects
from chaos.folds import ENDED, FOLDS, differences
from chaos.history import SUBSCRIBED, TABLES, Event, History, Record

KINDS = ("lost", "duplicated_effects", "diverged", "stuck")
TOPIC_OF = {
    aggregate: f"{service}.{table}" for service, tables in TABLES.items() for aggregate, table in tables.items()
}


@dataclass(frozen=True, slots=True)
class Violation:
    """``kind`` is one of ``KINDS``."""

    kind: str
    what: str


Found = Iterator[Violation]


def check(history: History) -> list[Violation]:
    """Everything that is not as it must be."""
    return [violation for invariant in INVARIANTS for violation in invariant(history)]


def commands_happened_once(history: History) -> Found:
    """Every acknowledged command that changed state is in history exactly once."""
    told: defaultdict[tuple[Any, ...], Counter[bool]] = defaultdict(Counter)
    for command in history.commands:
        what = (command.aggregate, command.id, command.type, tuple(sorted(command.content.items())))
        told[what][command.acknowledged] += 1
    by_aggregate = _by_aggregate(history.events)
    for (aggregate, id_, type_, content), times in told.items():
        events = [event for event in by_aggregate[aggregate, id_] if event.type == type_]
        count = sum(all(event.data.get(name) == value for name, value in content) for event in events)
        name = f"{type_} of {aggregate}/{id_} {dict(content)}"
        if count < times[True]:
            yield Violation("lost", f"{name}: acknowledged {times[True]} times, happened {count} times")
        if count > times[True] + times[False]:
            yield Violation("duplicated_effects", f"{name}: asked for {times.total()} times, happened {count} times")


def callers_are_registered_once(history: History) -> Found:
    """A caller who has called once has one appeal, however often the call was repeated."""
    callers = Counter(event.data["appellant_id"] for event in history.events if "appellant_id" in event.data)
    for caller, appeals in callers.items():
        if appeals > 1:
            yield Violation("duplicated_effects", f"caller {caller} has {appeals} appeals")


def histories_are_gapless(history: History) -> Found:
    """Versions of an aggregate run from 1 to that of its row, event ids are unique."""
    found = _by_aggregate(history.events)
    for key, events in found.items():
        versions = sorted(event.version for event in events)
        row = history.rows.get(key)
        if versions != list(range(1, len(versions) + 1)):
            yield Violation("lost", f"{'/'.join(key)}: its history has the versions {versions}")
        elif row is None or row.version != versions[-1]:
            yield Violation("diverged", f"{'/'.join(key)}: row at {row and row.version}, history at {versions[-1]}")
    for key in history.rows.keys() - found.keys():
        yield Violation("lost", f"{'/'.join(key)}: has a row and no history")
    for event_id, times in Counter(event.event_id for event in history.events).items():
        if times > 1:
            yield Violation("duplicated_effects", f"event {event_id} is in history {times} times")


def events_reached_their_topics(history: History) -> Found:
    """Every event is in its topic as it was committed, and nothing is there that was not."""
    published = {record.headers.get("ce_id", ""): record for record in history.records}
    for event in history.events:
        name = f"event {event.event_id} ({event.type}, {event.aggregate}/{event.id})"
        record = published.pop(event.event_id, None)
        if not event.published:
            yield Violation("stuck", f"{name} waits to be published")
        elif record is None:
            yield Violation("lost", f"{name} never reached its topic")
        elif (record.topic, record.subject, record.sequence, record.key, record.data) != (
            TOPIC_OF[event.aggregate],
            event.subject,
            event.version,
            event.issue_id.encode(),
            event.data,
        ):
            yield Violation("diverged", f"{name} is another one in its topic")
    for event_id, record in published.items():
        yield Violation("diverged", f"record {record.place} is of event {event_id}, which was never committed")


def topics_are_in_order(history: History) -> Found:
    """Per subject, in one partition, gapless and in order once repeated ids are dropped."""
    for subject, records in _first_of_each(history.records).items():
        sequences = [record.sequence for record in records]
        if sequences != list(range(1, len(sequences) + 1)):
            yield Violation("lost", f"{''.join(subject)}: its topic has the sequences {sequences}")
        if len({record.partition for record in records}) > 1:
            yield Violation("diverged", f"{''.join(subject)}: is in several partitions")


def consumers_have_handled_everything(history: History) -> Found:
    """Every subscriber's cursor is at the end of every subject, and nothing is parked."""
    ends = {subject: (records[-1].sequence, records[0].topic) for subject, records in _subjects(history).items()}
    for (source, subject), (end, topic) in ends.items():
        for service in SUBSCRIBED[topic]:
            sequence, parked = history.inbox.get(service, {}).get((source, subject), (0, False))
            if sequence < end:
                yield Violation("stuck", f"{service} has handled {sequence} of {end} events of {subject}")
            elif sequence > end:
                yield Violation("diverged", f"{service} has handled {sequence} events of {subject}, there are {end}")
            if parked:
                yield Violation("stuck", f"{service} has parked {subject}")


def letters_are_the_poison(history: History) -> Found:
    """Of the dead letters nothing is left but the poison, and of the poison nothing is missing."""
    expected = {(service, record.place) for record in history.poison for service in SUBSCRIBED[record.topic]}
    found = {(service, place): reason for service, place, reason in history.letters}
    for service, place in expected - found.keys():
        yield Violation("lost", f"{service} has no dead letter of the poison at {place}")
    for service, place in found.keys() - expected:
        yield Violation("stuck", f"{service} has a dead letter ({found[service, place]}) of {place}")


def journal_is_the_topics(history: History) -> Found:
    """Intake's journal is what it has read."""
    read = {
        (*subject, record.sequence): record.data
        for subject, records in _subjects(history).items()
        for record in records
        if "intake" in SUBSCRIBED[record.topic]
    }
    kept = {(source, subject, sequence): data for source, subject, sequence, data in history.journal}
    for source, subject, sequence in read.keys() - kept.keys():
        yield Violation("lost", f"intake's journal lacks {source} {subject} {sequence}")
    for key in kept.keys() - read.keys():
        yield Violation("diverged", f"intake's journal has {key}, which no topic has")
    for key in kept.keys() & read.keys():
        if kept[key] != read[key]:
            yield Violation("diverged", f"intake's journal has another {key} than the topic")


def states_are_the_fold(history: History) -> Found:
    """Every aggregate is what follows from its topic."""
    for (_, subject), records in _subjects(history).items():
        aggregate, _, id_ = subject.partition("/")
        row = history.rows.get((aggregate, id_))
        if row is None:
            yield Violation("lost", f"{subject} is in its topic and has no row")
            continue
        events = [(record.headers["ce_type"].split(".")[3], record.data or {}) for record in records]
        for difference in differences(FOLDS[aggregate](events), row.state):
            yield Violation("diverged", f"{subject}: {difference}")


def causes_have_their_effects(history: History) -> Found:
    """No order without its issue, no completed order without its call-back, and so on: each once and for a reason."""
    for rule, effect, due, there in effects(history.events):
        kind = "lost" if there < due else "duplicated_effects" if due else "diverged"
        yield Violation(kind, f"{rule} {effect}: there {there} times instead of {due}")


def deadlines_fired_once(history: History) -> Found:
    """What a deadline made happen, it made happen once; none is overdue, none is left behind."""
    for event, times in Counter(filter(None, map(_rung, _in_rounds(history.events)))).items():
        if times > 1:
            yield Violation("duplicated_effects", f"deadline {event} has had its effect {times} times")
    for service, id_, name in history.overdue:
        yield Violation("stuck", f"{service}: deadline {name} of {id_} came and was not handled")
    for aggregate, id_, name in history.timers:
        row = history.rows.get((aggregate, id_))
        if row is None or row.state["status"] in ENDED[aggregate]:
            yield Violation("diverged", f"deadline {name} of {aggregate}/{id_} is left behind")


def messages_were_sent_once(history: History) -> Found:
    """The gateway has one message per delivery, a caller one message per delivery to them."""
    deliveries = {event.id: event for event in history.events if event.type.endswith(".delivery.created.v1")}
    keys = Counter(message["key"] for message in history.sent)
    for id_ in deliveries.keys() - keys.keys():
        yield Violation("lost", f"delivery {id_} never reached the gateway")
    for key in keys.keys() - deliveries.keys():
        yield Violation("duplicated_effects", f"the gateway sent {key}, which is no delivery")
    meant = Counter(
        (history.phones.get(event.data["appeal_id"], ""), event.data["template"]) for event in deliveries.values()
    )
    sent = Counter((message["to"], message["template"]) for message in history.sent)
    for (phone, template), times in sent.items():
        if times > meant[phone, template]:
            yield Violation("duplicated_effects", f"{template} was sent {times} times to one caller")
    for id_ in deliveries:
        row = history.rows.get(("delivery", id_))
        if row is not None and row.state["status"] != "delivered":
            yield Violation("stuck", f"delivery {id_} is {row.state['status']}")


def _subjects(history: History) -> Mapping[tuple[str, str], list[Record]]:
    return _first_of_each(history.records)


def _first_of_each(records: Iterable[Record]) -> dict[tuple[str, str], list[Record]]:
    """By subject, in the order of the topic, without what is there again."""
    seen: set[str] = set()
    found: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        if record.headers.get("ce_id", "") not in seen:
            seen.add(record.headers.get("ce_id", ""))
            found[record.subject].append(record)
    return dict(found)


def _by_aggregate(events: Iterable[Event]) -> defaultdict[tuple[str, str], list[Event]]:
    found: defaultdict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        found[event.aggregate, event.id].append(event)
    return found


def _in_rounds(events: Iterable[Event]) -> Iterator[tuple[Event, int]]:
    """Every event with the round it belongs to: a rework starts an order's clocks anew."""
    ordered = sorted(events, key=lambda event: (event.aggregate, event.id, event.version))
    for _, group in groupby(ordered, key=lambda event: (event.aggregate, event.id)):
        round_ = 0
        for event in group:
            round_ += event.type.split(".")[3] in ("reworked", "returned_for_rework", "temporarily_failed")
            yield event, round_


def _rung(found: tuple[Event, int]) -> tuple[Any, ...] | None:
    """What a deadline made happen, so that the same twice is a duplicate; None for what people or events did."""
    event, round_ = found
    if not event.actor.startswith("deadline:"):
        return None
    told = {name: str(value) for name, value in event.data.items() if name in ("unit", "level", "step", "due_at")}
    return event.aggregate, event.id, event.type, event.actor, round_, tuple(sorted(told.items()))


INVARIANTS: tuple[Callable[[History], Found], ...] = (
    commands_happened_once,
    callers_are_registered_once,
    histories_are_gapless,
    events_reached_their_topics,
    topics_are_in_order,
    consumers_have_handled_everything,
    letters_are_the_poison,
    journal_is_the_topics,
    states_are_the_fold,
    causes_have_their_effects,
    deadlines_fired_once,
    messages_were_sent_once,
)

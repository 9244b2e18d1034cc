"""A record out of a topic -> work for the pipeline: the event, and the commands that it causes here."""

import structlog

from chassis.aggregate import Reactions, Received, To
from chassis.work import Arrival, Fault, Record, Work
from contracts.envelope import Envelope, Identity, Malformed, decode, identity, parse
from contracts.event import Event
from contracts.topics import EVENT_TYPES, TOPICS, topic_of_event

log = structlog.get_logger()


class Reader:
    """Knows the reactions of one service. ``topic_prefix`` is what the deployment puts before topic names."""

    def __init__(self, reactions: Reactions, topic_prefix: str) -> None:
        self._reactions = reactions
        self._prefix = topic_prefix
        self._of_no_concern = frozenset(type_.encode() for type_ in EVENT_TYPES.keys() - {e.type for e in reactions})

    def concerns(self, record: Record) -> bool:
        """Whether ``record`` may ask for anything; of one that does not, only its place in the order is kept."""
        return all(name != "ce_type" or value not in self._of_no_concern for name, value in record.headers)

    def read(self, record: Record, *, letter: str | None = None, by: str | None = None) -> Work:
        """Return the work that ``record`` asks for; whatever is wrong with it is a fault in the work, never raised.

        ``letter`` and ``by`` are given when a dead letter is replayed.
        """
        envelope: Envelope | None = None
        to: list[To] = []
        fault: Fault | None = None
        try:
            envelope = decode(record.key, record.value, record.headers)
            event = parse(envelope)
            self._check_topic(record, envelope)
            to = self._react(envelope, event)
        except Malformed as error:
            fault = Fault("malformed", str(error))
        except Exception as error:  # a defect in a reaction: the record waits as a dead letter
            log.exception("reaction.defect", topic=record.topic, type=envelope.type if envelope else None)
            fault = Fault("defect", type(error).__name__)
        return Work(
            to=to,
            actor=f"event:{envelope.id}" if envelope else "event",
            identity=envelope.id if envelope else f"{record.topic}/{record.partition}/{record.offset}",
            arrival=Arrival(record, self._whose(record, envelope, fault), envelope, fault, letter, by),
        )

    def _react(self, envelope: Envelope, event: Event) -> list[To]:
        reaction = self._reactions.get(type(event))
        if reaction is None:
            return []
        aggregate_id = envelope.subject.partition("/")[2]
        return reaction(Received(envelope.id, aggregate_id, envelope.issue_id, envelope.time, envelope.sequence, event))

    def _check_topic(self, record: Record, envelope: Envelope) -> None:
        topic = topic_of_event(envelope.type)
        if topic is None or self._prefix + topic.name != record.topic:
            raise Malformed("does not belong in this topic", "ce_type")

    def _whose(self, record: Record, envelope: Envelope | None, fault: Fault | None) -> Identity | None:
        """Whose record it is, if it may be believed: rubbish must not park a subject of another topic."""
        if envelope is not None and fault is None:
            return Identity(envelope.source, envelope.subject, envelope.sequence)
        found = identity(record.headers)
        topic = TOPICS.get(record.topic.removeprefix(self._prefix))
        if found is None or topic is None:
            return None
        is_its_own = found.source == f"/{topic.owner}" and found.subject.startswith(f"{topic.aggregate}/")
        return found if is_its_own else None

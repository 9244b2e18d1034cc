"""Records as the broker delivers them, good ones and bad ones."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from chassis.ids import new_id
from chassis.work import Record
from contracts.codes import Channel, ClosingOutcome, IssueKind, Urgency
from contracts.envelope import Envelope, encode
from contracts.event import Event
from contracts.intake import IssueAccepted, IssueClosed, IssueFollowedUp
from contracts.topics import topic_of_event
from tests.integration.chassis.sample import FAR, an_id

_offsets = count()


class Subject:
    """An issue whose events a test makes up."""

    def __init__(self, prefix: str = "") -> None:
        self.id = an_id()
        self._prefix = prefix

    def accepted(self, sequence: int = 1, **more: Any) -> Record:
        """An event that opens an order."""
        return self.record(
            IssueAccepted(
                kind=IssueKind.COMPLAINT,
                item_code="0101",
                street_code=None,
                urgency=Urgency.NORMAL,
                channel=Channel.WEB,
                appeals=[self.id],
                handling_due=FAR,
                by="agent-1",
            ),
            sequence,
            **more,
        )

    def reminded(self, sequence: int, **more: Any) -> Record:
        """An event that is counted."""
        return self.record(
            IssueFollowedUp(follow_up_id=self.id, appeal_id=self.id, follow_up="reminder"), sequence, **more
        )

    def poison(self, sequence: int, **more: Any) -> Record:
        """An event whose reaction is broken."""
        return self.record(IssueClosed(order_id=self.id, outcome=ClosingOutcome.RESOLVED), sequence, **more)

    def record(
        self,
        event: Event,
        sequence: int,
        *,
        epoch: int = 1,
        issue_id: str | None = None,
        headers: dict[str, bytes | None] | None = None,
        value: bytes | None = b"",
    ) -> Record:
        """Any event of this subject; ``headers`` replaces some (None: leaves it out), ``value`` the data."""
        topic = topic_of_event(event.type)
        if topic is None:
            raise LookupError(event.type)
        key, data, encoded = encode(
            Envelope(
                id=new_id(),
                source=f"/{topic.owner}",
                type=event.type,
                subject=f"{topic.aggregate}/{self.id}",
                time=datetime.now(UTC),
                sequence=sequence,
                issue_id=issue_id or self.id,
                data=event.model_dump_json().encode(),
                traceparent=f"00-{'a' * 32}-{'b' * 16}-01",
                epoch=epoch,
            )
        )
        replaced = dict(encoded) | (headers or {})
        return Record(
            topic=self._prefix + topic.name,
            partition=0,
            offset=next(_offsets),
            key=key,
            value=value if value != b"" else data,
            headers=[(name, text) for name, text in replaced.items() if text is not None],
        )

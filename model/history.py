"""The events of the model: three of one issue, one of another, as rows of the outbox and as records of the topic."""

from datetime import UTC, datetime

from chassis.ids import derived_id
from chassis.outbox import Row
from chassis.work import Record
from contracts.envelope import Envelope, encode
from contracts.intake import IssueFollowedUp

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = "intake"
TOPIC = "intake.issues"


def subject(name: str) -> str:
    """The id of an issue."""
    return derived_id("model", name)


def event_id(name: str, version: int) -> str:
    """The id of its so-manyth event."""
    return derived_id("model", name, str(version))


def _data(name: str, version: int) -> str:
    followed_up = IssueFollowedUp(follow_up_id=event_id(name, version), appeal_id=subject(name), follow_up="reminder")
    return followed_up.model_dump_json()


def outbox_row(position: int, name: str, version: int) -> Row:
    """A row of ``events``, as the relay selects it."""
    return Row(
        position=position,
        aggregate="issue",
        id=subject(name),
        version=version,
        event_id=event_id(name, version),
        type=IssueFollowedUp.type,
        issue_id=subject(name),
        data=_data(name, version),
        recorded_at=NOW,
        epoch=1,
        traceparent=None,
        hop=None,
    )


def record(offset: int, name: str, version: int) -> Record:
    """The record at ``offset`` of the topic."""
    key, value, headers = encode(
        Envelope(
            id=event_id(name, version),
            source=f"/{SOURCE}",
            type=IssueFollowedUp.type,
            subject=f"issue/{subject(name)}",
            time=NOW,
            sequence=version,
            issue_id=subject(name),
            data=_data(name, version).encode(),
            traceparent=None,
            epoch=1,
        )
    )
    return Record(TOPIC, 0, offset, key, value, headers)

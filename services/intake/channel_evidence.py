"""来源凭据: what a channel brings along besides words; private data, and each kind belongs to its channels."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from chassis.errors import Invalid
from chassis.requests import Body
from contracts.codes import Channel, Code

_WALKING = frozenset({Channel.GRID, Channel.RIDER})
CHANNELS: dict[str, frozenset[Channel]] = {
    "recording_id": frozenset({Channel.HOTLINE}),
    "photos": frozenset(Channel) - {Channel.HOTLINE},
    "position": _WALKING,
}
"""Kind of evidence -> the channels that have it: calls are recorded, who walks about knows where he stands."""


class Position(Body):
    """上报位置, where the grid worker or rider stood."""

    lat: Annotated[float, Field(strict=True, ge=-90, le=90)]
    lon: Annotated[float, Field(strict=True, ge=-180, le=180)]
    accuracy_m: Annotated[int, Field(strict=True, ge=0, le=10_000, description="误差，米")]


class ChannelEvidence(Body):
    """来源凭据: references to what is stored elsewhere, and a position."""

    recording_id: Code | None = Field(default=None, description="录音编号，热线")
    photos: Annotated[list[Code], Field(max_length=20)] = Field(default=[], description="照片编号，热线以外")
    position: Position | None = Field(default=None, description="上报位置，网格员和骑手")


def check(channel: Channel, evidence: ChannelEvidence | None) -> None:
    """Raises ``issue.evidence_of_other_channel`` for the first kind that this channel cannot have."""
    for name in _given(evidence):
        if channel not in CHANNELS[name]:
            code = "issue.evidence_of_other_channel"
            raise Invalid(f"evidence.{name}", code, "这种凭据不属于该来源渠道", code=code)


def answer_seconds(channel: Channel, seconds: int | None) -> int | None:
    """接听等待, as it was told. Raises ``issue.evidence_of_other_channel`` where nobody rang."""
    if seconds is not None and channel is not Channel.HOTLINE:
        code = "issue.evidence_of_other_channel"
        raise Invalid("answer_seconds", code, "只有热线有接听等待", code=code)
    return seconds


def _given(evidence: ChannelEvidence | None) -> Iterator[str]:
    if evidence is not None:
        yield from (name for name in CHANNELS if getattr(evidence, name))

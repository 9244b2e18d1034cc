"""The invented appeals, and what an experienced agent would do with each."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
FILE = Path(__file__).parent / "appeals.jsonl"


class Disposition(StrEnum):
    """What becomes of an appeal at the first desk."""

    DISPATCH = "dispatch"  # 派单
    DIRECT_ANSWER = "direct_answer"  # 直接答复
    DECLINE = "decline"  # 不予受理
    EMERGENCY_TRANSFER = "emergency_transfer"  # 转 110/119/120/122


class Route(StrEnum):
    """The way of a dispatched appeal."""

    ORDINARY = "ordinary"  # 一般办理
    WHISTLE = "whistle"  # 吹哨报到
    MEDIATION = "mediation"  # 调解
    PETITION_PROXY = "petition_proxy"  # 信访代办


ENDS = {
    Disposition.DISPATCH: "closed",
    Disposition.DIRECT_ANSWER: "answered",
    Disposition.DECLINE: "declined",
    Disposition.EMERGENCY_TRANSFER: "transferred",
}
"""The status in which intake's issue has to end."""


@dataclass(frozen=True, slots=True)
class Appeal:
    """诉求. ``name`` and ``phone`` are obviously fictitious; ``route`` is None unless it is dispatched.

    ``same_incident_as`` is the earliest appeal about the same incident.
    """

    id: str
    channel: str
    text: str
    place: str | None
    street_code: str | None
    lat: float | None
    lon: float | None
    name: str
    phone: str
    disposition: Disposition
    kind: str
    item_code: str | None
    route: Route | None
    exclusion_code: str | None
    same_incident_as: str | None

    @property
    def end(self) -> str:
        """The status in which its issue has to end."""
        return ENDS[self.disposition]

    def one_in(self, count: int, what: str) -> bool:
        """Whether this appeal is one of ``count``: chance without dice, the same in every run."""
        return self._chance(what) % count == 0

    def pick(self, options: Sequence[T], what: str) -> T:
        """One of ``options``, the same in every run."""
        return options[self._chance(what) % len(options)]

    def _chance(self, what: str) -> int:
        return int.from_bytes(sha256(f"{what}/{self.id}".encode()).digest()[:8])


def load(first: int | None = None) -> list[Appeal]:
    """The appeals in the order in which they come in; only the ``first`` so many if that is given."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [_read(json.loads(line)) for line in lines[:first]]


def _read(row: dict[str, Any]) -> Appeal:
    expected = row["expected"]
    return Appeal(
        **{key: row[key] for key in ("id", "channel", "text", "place", "street_code", "lat", "lon")},
        name=row["appellant"]["name"],
        phone=row["appellant"]["phone"],
        disposition=Disposition(expected["disposition"]),
        kind=expected["kind"],
        item_code=expected["item_code"],
        route=Route(expected["route"]) if expected["route"] else None,
        exclusion_code=expected["exclusion_code"],
        same_incident_as=expected["same_incident_as"],
    )

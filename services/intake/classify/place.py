"""地点: the street that a caller's words, an address or a point speaks of; ``unknown`` goes to a person.

No boundaries of streets are published as data, so that a point cannot be looked up: it only takes the street of what
was accepted close by, as a suggestion. A road's name is a suggestion too, because a road runs through several streets.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from services.intake.classify.text import tidy

Point = tuple[float, float]
"""Latitude and longitude, WGS84."""
NEIGHBOUR_METRES = 300.0
_EARTH_METRES = 6_371_000.0
COUNTIES = {
    "150102": ("新城区",),
    "150103": ("回民区",),
    "150104": ("玉泉区", "玉泉"),
    "150105": ("赛罕区", "赛罕"),
    "150121": ("土默特左旗", "土左旗", "土左"),
    "150122": ("托克托县", "托克托", "托县"),
    "150123": ("和林格尔县", "和林格尔", "和林县", "和林"),
    "150124": ("清水河县", "清水河"),
    "150125": ("武川县", "武川"),
    "150172": ("经开区",),
}
"""What people call the counties of the city; the first is the official name."""
_KINDS = ("街道", "镇", "乡")
_COLLOQUIAL = {"可镇": "150125100"}
"""Names that people use instead of the official one and that mean one place only."""


class Certainty(StrEnum):
    """How a street was found."""

    GIVEN = "given"  # 诉求人或话务员给出
    NAMED = "named"  # 明确说出街道、乡镇名
    LIKELY = "likely"  # 由路名或附近的事项推测
    UNKNOWN = "unknown"  # 不明


@dataclass(frozen=True, slots=True)
class PlaceFound:
    """The street, how sure, and why (for people)."""

    street_code: str | None
    certainty: Certainty
    reason: str

    @property
    def known(self) -> bool:
        """Whether it may be acted on without a person."""
        return self.certainty in (Certainty.GIVEN, Certainty.NAMED)


class Named(Protocol):
    """A street of the reference data."""

    @property
    def code(self) -> str:
        """Nine digits."""

    @property
    def name(self) -> str:
        """Official name."""

    @property
    def county_code(self) -> str:
        """Six digits."""


class Gazetteer:
    """地名表: the names of streets, towns and counties, made of the street list in force."""

    def __init__(self, streets: Iterable[Named]) -> None:
        streets = list(streets)
        self._county = {street.code: street.county_code for street in streets}
        self._names = {street.code: street.name for street in streets}
        self._full = _by_name((street.name, street.code) for street in streets)
        self._short = _by_name((_short(street.name), street.code) for street in streets)
        counties = {name for names in COUNTIES.values() for name in names}
        self.administrative = frozenset(counties | self._full.keys() | self._short.keys())
        """The names of counties and streets: what says nothing about which estate or corner."""

    def find(
        self,
        given: str | None,
        place: str | None,
        text: str = "",
        point: Point | None = None,
        neighbours: Sequence[tuple[Point, str]] = (),
    ) -> PlaceFound:
        """The street. ``neighbours`` are points of other issues with the street that a person accepted them for."""
        if given is not None:
            return PlaceFound(given, Certainty.GIVEN, "登记时已给出街道")
        for words, source in ((tidy(place or ""), "地址"), (tidy(text), "诉求内容")):
            if words and (found := self._in_words(words, source)) is not None:
                return found
        near = [(distance(point, other), code) for other, code in neighbours] if point else []
        if near and min(near)[0] <= NEIGHBOUR_METRES:
            metres, code = min(near)
            return PlaceFound(code, Certainty.LIKELY, f"{metres:.0f} 米外的事项在{self._names.get(code, code)}")
        reason = "只有坐标，没有街道边界数据可查" if point else "没有说到街道、乡镇"
        return PlaceFound(None, Certainty.UNKNOWN, reason)

    def _in_words(self, words: str, source: str) -> PlaceFound | None:
        counties = {code for code, names in COUNTIES.items() if any(name in words for name in names)}
        for names, certainty in ((self._full, Certainty.NAMED), (self._short, Certainty.LIKELY)):
            for name in sorted((name for name in names if name in words), key=len, reverse=True):
                fits = [code for code in names[name] if not counties or self._county[code] in counties]
                if len(fits) == 1:
                    reason = f"{source}中有“{name}”"
                    if certainty is Certainty.LIKELY:
                        reason += "，可能只是路名"
                    return PlaceFound(fits[0], certainty, reason)
        for name, code in _COLLOQUIAL.items():
            if name in words and code in self._names:
                return PlaceFound(code, Certainty.NAMED, f"{source}中有“{name}”，即{self._names[code]}")
        return None


def distance(one: Point, other: Point) -> float:
    """Metres between two points; of two in one city, exact enough on a flat map."""
    north = math.radians(other[0] - one[0])
    east = math.radians(other[1] - one[1]) * math.cos(math.radians((one[0] + other[0]) / 2))
    return _EARTH_METRES * math.hypot(north, east)


def _short(name: str) -> str:
    for kind in _KINDS:
        if name.endswith(kind) and len(name) - len(kind) >= 2:
            return name.removesuffix(kind)
    return name


def _by_name(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, code in pairs:
        found.setdefault(tidy(name), []).append(code)
    return found

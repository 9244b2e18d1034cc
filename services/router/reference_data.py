"""What the router knows about the city: dispatch catalogue, units, streets, exclusion list, as one version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, TypeAlias, TypeVar

from pydantic import BeforeValidator, Field, PositiveInt

from contracts.codes import DivisionCode, ExclusionCode, IssueKind, ItemCode, UnitCode, Urgency


class Lead(StrEnum):
    """主办规则: who leads an item's orders."""

    LOCALITY = "locality"  # 属地: the street where it happened
    SECTOR = "sector"  # 行业部门: the item's sector unit
    DUAL = "dual"  # 双派双考: both, both are scored


class Hint(StrEnum):
    """How usual mediation or a whistle is for an item; the route belongs to the appeal, not to the item."""

    NONE = "none"
    OPTIONAL = "optional"
    USUAL = "usual"


class Level(StrEnum):
    """层级 of a unit."""

    CITY = "city"
    COUNTY = "county"
    SUBDISTRICT = "subdistrict"
    COMMUNITY = "community"
    ENTERPRISE = "enterprise"


class UnitKind(StrEnum):
    """单位类别."""

    DEPARTMENT = "department"  # 部门
    ENTERPRISE = "enterprise"  # 公共服务企业
    COUNTY_GOVERNMENT = "county_government"  # 旗县区政府
    GOVERNANCE_CENTRE = "governance_centre"  # 综治中心
    COURT = "court"  # 法院
    MEDIATION_COMMITTEE = "mediation_committee"  # 人民调解委员会
    SUBDISTRICT = "subdistrict"  # 街道、乡镇


Name = Annotated[str, Field(min_length=1, max_length=100)]
Parts = Annotated[tuple[Name, ...], BeforeValidator(lambda text: text.split("|") if text else ())]
"""Values in one field, with ``|`` between them."""
Day = Annotated[date | None, BeforeValidator(lambda text: date.fromisoformat(text) if text else None)]
"""A day as YYYY-MM-DD; nothing = without end, or from the beginning."""
StreetCode = Annotated[str, Field(pattern=r"^[0-9]{9}$")]
Optional = Annotated[Name | None, BeforeValidator(lambda text: text or None)]
Figure = Annotated[PositiveInt | None, BeforeValidator(lambda text: text or None)]
DutyPhone = Annotated[
    Annotated[str, Field(pattern=r"^0[0-9]{2,3}-[0-9]{7,8}$")] | None, BeforeValidator(lambda text: text or None)
]
"""An office's number with its area code; never a mobile one, which is a person's."""
HOLDERS = frozenset({UnitKind.DEPARTMENT, UnitKind.ENTERPRISE, UnitKind.COUNTY_GOVERNMENT, UnitKind.SUBDISTRICT})
"""Kinds of units that can be handling units of a hotline order."""


@dataclass(frozen=True, slots=True)
class Item:
    """派单目录 item: what it is about, who leads, and its limits."""

    code: ItemCode
    category_zh: Name
    category_en: Name
    item_zh: Name
    item_en: Name
    default_kind: IssueKind
    lead: Lead
    sector_unit: UnitCode
    urgency: Urgency
    contact_hours: PositiveInt
    limit_working_days: PositiveInt
    keywords: Parts
    mediation_hint: Hint
    whistle_hint: Hint
    valid_from: Day = None
    valid_to: Day = None


@dataclass(frozen=True, slots=True)
class Unit:
    """承办单位. ``parent_code`` is who coordinates it in dispatch, not its legal rank.

    The duty contact (值班联系方式) is the office's: a post and its number, never a person's. ``successor`` takes over
    what the unit has when it ends. Limits in an emergency make it the city's emergency duty desk (应急值守).
    """

    code: UnitCode
    name_zh: Name
    name_en: Name
    level: Level
    kind: UnitKind
    division_code: DivisionCode
    parent_code: Annotated[UnitCode | None, BeforeValidator(lambda text: text or None)]
    categories: Parts
    duty_post: Optional = None
    duty_phone: DutyPhone = None
    emergency_contact_hours: Figure = None
    emergency_limit_days: Figure = None
    valid_from: Day = None
    valid_to: Day = None
    successor: Annotated[UnitCode | None, BeforeValidator(lambda text: text or None)] = None

    @property
    def can_hold_orders(self) -> bool:
        """社区不承接: a community is never the handling unit, nor is a court, a centre or a committee."""
        return self.kind in HOLDERS and self.level is not Level.COMMUNITY


@dataclass(frozen=True, slots=True)
class Street:
    """街道、乡镇、园区."""

    code: StreetCode
    name: Name
    county_code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    valid_from: Day = None
    valid_to: Day = None
    successor: Annotated[StreetCode | None, BeforeValidator(lambda text: text or None)] = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """不受理清单 item, as far as the router needs it: whether a unit may name it (剔除). Intake has the rest."""

    code: ExclusionCode
    item_zh: Name


@dataclass(frozen=True, slots=True)
class RouterReference:
    """One version of all of them, by code. Rows may have their own days within it: see ``in_force``.

    ``exclusions`` None: the version was loaded without the list, so that nobody can tell what is on it.
    """

    version: str
    items: Mapping[str, Item]
    units: Mapping[str, Unit]
    streets: Mapping[str, Street]
    exclusions: Mapping[str, Exclusion] | None = None


Dated: TypeAlias = Item | Unit | Street
R = TypeVar("R", Unit, Street)


def in_force(row: Dated, on: date) -> bool:
    """Whether a row holds on a day; its first day and its last day are days on which it does."""
    return (row.valid_from is None or row.valid_from <= on) and (row.valid_to is None or on <= row.valid_to)


def successors(rows: Mapping[str, R], row: R, on: date) -> list[R]:
    """The row and those that came after it (撤并), up to the one in force on a day; the last may not be in force.

    It ends, because a successor outlasts whom it succeeds (``reference_tables``).
    """
    line = [row]
    while line[-1].valid_to is not None and line[-1].valid_to < on and line[-1].successor is not None:
        line.append(rows[line[-1].successor])
    return line

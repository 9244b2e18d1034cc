"""What the router knows about the city: dispatch catalogue, unit directory and streets, as one version."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, PositiveInt

from contracts.codes import DivisionCode, IssueKind, ItemCode, UnitCode, Urgency


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
StreetCode = Annotated[str, Field(pattern=r"^[0-9]{9}$")]
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


@dataclass(frozen=True, slots=True)
class Unit:
    """承办单位. ``parent_code`` is who coordinates it in dispatch, not its legal rank."""

    code: UnitCode
    name_zh: Name
    name_en: Name
    level: Level
    kind: UnitKind
    division_code: DivisionCode
    parent_code: Annotated[UnitCode | None, BeforeValidator(lambda text: text or None)]
    categories: Parts

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


@dataclass(frozen=True, slots=True)
class RouterReference:
    """One version of all three, by code."""

    version: str
    items: Mapping[str, Item]
    units: Mapping[str, Unit]
    streets: Mapping[str, Street]

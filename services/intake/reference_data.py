"""What intake knows about the city: catalogue, exclusion list, knowledge base, streets and units, as one version."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from contracts.codes import Agency, Code, ExclusionCode, IssueKind, ItemCode, UnitCode, Urgency

Name = Annotated[str, Field(min_length=1, max_length=100)]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Parts = Annotated[tuple[Name, ...], BeforeValidator(lambda text: text.split("|") if text else ())]
"""Values in one field, with ``|`` between them."""
Agencies = Annotated[tuple[Agency, ...], BeforeValidator(lambda text: text.split("|") if text else ())]
"""110, 119, 120, 122 in one field, or none."""


class Lead(StrEnum):
    """主办: who leads an item. The router decides by it; here it says how sure a classification must be."""

    LOCALITY = "locality"  # 属地
    SECTOR = "sector"  # 行业部门
    DUAL = "dual"  # 双派双考


@dataclass(frozen=True, slots=True)
class Item:
    """派单目录 item, as far as intake needs it."""

    code: ItemCode
    category_zh: Name
    item_zh: Name
    item_en: Name
    default_kind: IssueKind
    lead: Lead
    sector_unit: Code
    urgency: Urgency
    keywords: Parts


@dataclass(frozen=True, slots=True)
class Exclusion:
    """不受理清单 item: why not, by which law or rule, and where the citizen should go instead."""

    code: ExclusionCode
    category_zh: Name
    item_zh: Name
    item_en: Name
    basis: Name
    redirect: Text
    keywords: Parts
    agencies: Agencies
    """Who is called at once instead: such an item is a transfer, never a refusal."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """知识库 entry: a question that can be answered on the call."""

    id: Code
    question_zh: Text
    answer_zh: Text
    item_code: ItemCode
    source_note: Text


@dataclass(frozen=True, slots=True)
class Street:
    """街道、乡镇、园区."""

    code: Annotated[str, Field(pattern=r"^[0-9]{9}$")]
    name: Name
    county_code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]


@dataclass(frozen=True, slots=True)
class Unit:
    """承办单位, as the public knows it. Who can hold which order is for the router to know."""

    code: UnitCode
    name_zh: Name


@dataclass(frozen=True, slots=True)
class IntakeReference:
    """One version of all of them, by code. ``units`` is empty in a version that was loaded without the list."""

    version: str
    items: Mapping[str, Item]
    exclusions: Mapping[str, Exclusion]
    knowledge: Mapping[str, Knowledge]
    streets: Mapping[str, Street]
    units: Mapping[str, Unit]

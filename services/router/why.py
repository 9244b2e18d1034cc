"""为什么派到这里: who could have had an order, who has it, and why the others have not. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.codes import Urgency
from services.router.dispatch import STREET_DIGITS, NeedsDispatcher, Place, Proposal, locate, propose, taker
from services.router.reference_data import Item, Lead, RouterReference, Unit

RULE_ZH = {
    "locality": "属地主办",
    "sector": "行业部门主办",
    "dual": "双派双考",
    "emergency_sector": "突发事项地点不明，先派行业部门",
    "emergency_duty": "突发事项不明，先派属地和应急值守单位",
    "dispatcher": "派单员指定",
    "earlier_order": "续办：派给原承办单位",
}
BY_RULE = frozenset({"locality", "sector", "dual", "emergency_sector", "emergency_duty"})
"""What the catalogue's rules give; with the others a person or an earlier order has chosen."""
LEAD_ZH = {Lead.LOCALITY: "属地", Lead.SECTOR: "行业部门", Lead.DUAL: "属地与行业部门（双派双考）"}


class Kind(StrEnum):
    """Ways that an order can go."""

    LOCALITY = "locality"
    SECTOR = "sector"
    DUAL = "dual"
    COMMUNITY = "community"
    PREDECESSOR = "predecessor"
    EMERGENCY_DUTY = "emergency_duty"
    COUNTY_CENTRE = "county_centre"
    DISPATCHER = "dispatcher"


KIND_ZH = {
    Kind.LOCALITY: "属地街道",
    Kind.SECTOR: "行业部门",
    Kind.DUAL: "双派双考",
    Kind.COMMUNITY: "社区",
    Kind.PREDECESSOR: "原单位",
    Kind.EMERGENCY_DUTY: "应急值守",
    Kind.COUNTY_CENTRE: "旗县区分中心二级派单",
    Kind.DISPATCHER: "市派单员",
}


@dataclass(frozen=True, slots=True)
class Considered:
    """A way that was looked at: whose it would have been, whether it was taken, and why (not)."""

    kind: Kind
    unit: str | None
    chosen: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Explained:
    """What the rules say of an item at a place by one version of the data, with everything they looked at."""

    found: Proposal | NeedsDispatcher
    item: Item | None
    place: Place
    considered: tuple[Considered, ...]


def explain(
    reference: RouterReference, item_code: str, place_code: str | None, urgency: Urgency, on: date
) -> Explained:
    """The rules' answer as of the day ``on``, and the ways beside it."""
    found = propose(reference, item_code, place_code, urgency, on=on)
    place, item = locate(reference, place_code, on), reference.items.get(item_code)
    ways = [*_units(reference, found, item, place, place_code, on), *_duty(found), *_desks(reference, found, place)]
    return Explained(found, item, place, tuple(ways))


def _units(
    reference: RouterReference,
    found: Proposal | NeedsDispatcher,
    item: Item | None,
    place: Place,
    place_code: str | None,
    on: date,
) -> Iterator[Considered]:
    if item is None:
        return
    rule = found.routing.rule if isinstance(found, Proposal) else None
    given = [] if rule is None or isinstance(found, NeedsDispatcher) else [unit.unit for unit in found.routing.units]
    by_catalogue = f"派单目录规定事项 {item.code} 由{LEAD_ZH[item.lead]}主办"
    street = None if place.street is None else reference.units[f"S{place.street.code}"]
    local = None if street is None else taker(reference, street.code, on).unit
    sector = taker(reference, item.sector_unit, on).unit
    yield _way(Kind.LOCALITY, local, given, by_catalogue, "没有明确到在任的街道" if local is None else by_catalogue)
    yield _way(Kind.SECTOR, sector, given, RULE_ZH.get(rule or "", by_catalogue), by_catalogue)
    yield Considered(Kind.DUAL, None, rule == "dual", by_catalogue)
    if place_code is not None and len(place_code) > STREET_DIGITS:
        yield Considered(Kind.COMMUNITY, None, False, "社区不承接热线工单，由所属街道承接")
    for first in (street, reference.units[item.sector_unit]):
        now = local if first is street else sector
        if first is not None and first != now:
            after = "没有承接单位" if now is None else f"由 {now.name_zh} 承接"
            yield Considered(Kind.PREDECESSOR, first.code, False, f"{first.name_zh} 在 {on} 不在任，{after}")


def _duty(found: Proposal | NeedsDispatcher) -> Iterator[Considered]:
    if isinstance(found, Proposal) and found.routing.rule == "emergency_duty":
        for given in found.routing.units:
            yield Considered(Kind.EMERGENCY_DUTY, given.unit, True, found.reasons[0])


def _way(kind: Kind, unit: Unit | None, given: Sequence[str], yes: str, no: str) -> Considered:
    chosen = unit is not None and unit.code in given
    return Considered(kind, None if unit is None else unit.code, chosen, yes if chosen else no)


def _desks(reference: RouterReference, found: Proposal | NeedsDispatcher, place: Place) -> Iterator[Considered]:
    centre = None if place.county_code is None else f"G{place.county_code}"
    if isinstance(found, Proposal):
        yield Considered(Kind.COUNTY_CENTRE, centre, False, "规则已能确定承办单位，无需二级派单")
        yield Considered(Kind.DISPATCHER, None, False, "规则已能确定承办单位，无需人工派单")
        return
    unknown = "旗县区也不明确，分中心无从派单" if centre is None else found.reasons[0]
    yield Considered(Kind.COUNTY_CENTRE, centre, found.desk is not None, unknown)
    city = found.reasons[0] if found.desk is None else "旗县区明确，由其分中心派单"
    yield Considered(Kind.DISPATCHER, None, found.desk is None, city)

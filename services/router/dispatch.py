"""派单规则: which units an order goes to, and why. Pure.

The dispatch catalogue says who leads an item: the street where it happened (属地), the sector unit (行业部门), or
both (双派双考). An emergency waits for nobody: where its street is unknown, the sector unit gets it; where no rule of
the catalogue has a unit for it, the locality and the emergency duty desk (应急值守) do. A community never holds an
order (社区不承接): a place in a community or a grid is its street's. Who has ended (撤并) is represented by the
successor.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from contracts.codes import ObligationRole, Urgency
from services.router.obligations import Assignment, Terms
from services.router.order_commands import Routing
from services.router.reference_data import Item, Lead, RouterReference, Street, Unit, in_force, successors

_MOST_KNOWN = 4096  # answers; more than items times streets of a city's busy day, and bounded whatever comes
STREET_DIGITS = 9
COUNTY_DIGITS = 6
SEVERITY = (Urgency.NORMAL, Urgency.URGENT, Urgency.EMERGENCY)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the rules propose. ``reasons`` says in Chinese, for people, how they came to it.

    ``routing.rule`` is ``locality``, ``sector``, ``dual``, ``emergency_sector`` or ``emergency_duty``.
    """

    routing: Routing
    urgency: Urgency
    county_code: str | None
    street_code: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NeedsDispatcher:
    """转人工派单: why no rule applies.

    ``desk`` is the county whose sub-centre should dispatch onward (二级派单), if known. ``reason`` is
    ``unknown_item``, ``unknown_place`` or ``unit_abolished``.
    """

    reason: str
    urgency: Urgency
    desk: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where it happened, as it was understood. ``merged``: the street's predecessors that the caller may have meant."""

    street: Street | None
    county_code: str | None
    merged: tuple[Street, ...] = ()


@dataclass(frozen=True, slots=True)
class _Taker:
    """Who takes a duty: the unit itself or who came after it; None: it has ended without a successor."""

    unit: Unit | None
    reasons: tuple[str, ...] = ()


def propose(
    reference: RouterReference,
    item_code: str,
    place_code: str | None,
    urgency: Urgency = Urgency.NORMAL,
    *,
    on: date | None = None,
) -> Proposal | NeedsDispatcher:
    """The units, limits and urgency of an order about an item at a place, as of the day ``on``.

    ``place_code`` is a division code: county (6 digits), street (9), community (12) or grid (15). ``urgency`` is
    what intake found; it can raise the item's own, never lower it. Without a day, whatever has a row is in force.
    """
    found = _by_catalogue(reference, item_code, place_code, urgency, on)
    if isinstance(found, NeedsDispatcher) and found.urgency is Urgency.EMERGENCY:
        return _by_duty_desk(reference, found, locate(reference, place_code, on), on) or found
    return found


def _by_catalogue(
    reference: RouterReference, item_code: str, place_code: str | None, urgency: Urgency, on: date | None
) -> Proposal | NeedsDispatcher:
    place = locate(reference, place_code, on)
    item = reference.items.get(item_code)
    if item is None or not _holds(item, on):
        missing = "中没有事项" if item is None else f"在 {on} 不适用事项"
        return _ask("unknown_item", urgency, place, reference, f"派单目录 {reference.version} {missing} {item_code}")
    raised = max(urgency, item.urgency, key=SEVERITY.index)
    about = f"事项 {item.code} {item.item_zh}"
    sector = taker(reference, item.sector_unit, on)
    if item.lead is Lead.SECTOR:
        takers = ((sector, ObligationRole.LEAD),)
        return _propose(reference, item, place, raised, "sector", takers, f"{about}：由行业部门主办")
    street = None if place.street is None else taker(reference, f"S{place.street.code}", on)
    if street is None or street.unit is None:
        where = _why_no_street(reference, place, place_code)
        if raised is Urgency.EMERGENCY:
            reason = f"{about}：应由属地主办，但{where}；突发事项不等待，先派行业部门"
            takers = ((sector, ObligationRole.LEAD),)
            return _propose(reference, item, place, raised, "emergency_sector", takers, reason)
        fault = "unknown_place" if street is None else "unit_abolished"
        return _ask(fault, raised, place, reference, f"{about}：应由属地主办，但{where}")
    lead = (street, ObligationRole.LEAD)
    if item.lead is Lead.LOCALITY:
        return _propose(reference, item, place, raised, "locality", (lead,), f"{about}：由属地主办")
    both = (lead, (sector, ObligationRole.DUAL))
    return _propose(reference, item, place, raised, "dual", both, f"{about}：属地与行业部门双派双考")


def _by_duty_desk(reference: RouterReference, asked: NeedsDispatcher, place: Place, on: date | None) -> Proposal | None:
    """应急值守: who is nearest leads, the street or else the county, and the emergency duty desk has it too, at once.

    None where the directory has no such desk in office.
    """
    named = next((unit for unit in reference.units.values() if unit.emergency_limit_days is not None), None)
    desk = None if named is None else taker(reference, named.code, on).unit
    if named is None or desk is None or named.emergency_contact_hours is None or named.emergency_limit_days is None:
        return None
    codes = [f"S{place.street.code}"] if place.street else []
    codes += [f"G{place.county_code}"] if place.county_code else []
    local = next((unit for code in codes if (unit := taker(reference, code, on).unit) is not None), None)
    units = [local, desk] if local is not None and local.code != desk.code else [desk]
    roles = (ObligationRole.LEAD, ObligationRole.DUAL)
    return Proposal(
        routing=Routing(
            units=tuple(Assignment(unit.code, role) for unit, role in zip(units, roles, strict=False)),
            terms=Terms(named.emergency_contact_hours, named.emergency_limit_days),
            rule="emergency_duty",
            reference_version=reference.version,
        ),
        urgency=asked.urgency,
        county_code=place.county_code,
        street_code=place.street.code if place.street else None,
        reasons=(
            f"{asked.reasons[0]}；突发事项不等待，立即派属地和应急值守单位",
            *_mergers(place),
            f"承办单位：{'、'.join(unit.name_zh for unit in units)}",
        ),
    )


class Proposals:
    """``propose`` with its answers remembered: a city's calls are about the same items at the same places."""

    def __init__(self, reference: Callable[[], RouterReference]) -> None:
        """``reference`` gives the reference data in force; answers are those of one version."""
        self._reference = reference
        self._of: RouterReference | None = None
        self._known: dict[tuple[str, str | None, Urgency, date], Proposal | NeedsDispatcher] = {}

    def __call__(
        self, item_code: str, place_code: str | None, urgency: Urgency, on: date
    ) -> Proposal | NeedsDispatcher:
        """What ``propose`` says of a day by the reference data in force."""
        reference = self._reference()
        if reference is not self._of or len(self._known) >= _MOST_KNOWN:
            self._of, self._known = reference, {}
        asked = (item_code, place_code, urgency, on)
        found = self._known.get(asked)
        if found is None:
            found = self._known[asked] = propose(reference, item_code, place_code, urgency, on=on)
        return found


def locate(reference: RouterReference, place_code: str | None, on: date | None) -> Place:
    """The street in force where it happened, by way of mergers, and the county, as far as they are known."""
    if place_code is None:
        return Place(None, None)
    street = reference.streets.get(place_code[:STREET_DIGITS])
    line = [street] if street is None or on is None else successors(reference.streets, street, on)
    found = line[-1] if line[-1] is not None and _holds(line[-1], on) else None
    county = found.county_code if found else place_code[:COUNTY_DIGITS]
    merged = tuple(gone for gone in line[:-1] if gone is not None)
    return Place(found, county if f"G{county}" in reference.units else None, merged)


def taker(reference: RouterReference, code: str, on: date | None) -> _Taker:
    """Who has a unit's duties on a day."""
    unit = reference.units[code]
    line = [unit] if on is None else successors(reference.units, unit, on)
    reasons = tuple(
        f"{gone.name_zh} 已于 {gone.valid_to} 撤销，由 {after.name_zh} 承接" for gone, after in pairwise(line)
    )
    return _Taker(line[-1] if _holds(line[-1], on) else None, reasons)


def _holds(row: Item | Unit | Street, on: date | None) -> bool:
    return on is None or in_force(row, on)


def _why_no_street(reference: RouterReference, place: Place, place_code: str | None) -> str:
    if place_code is None:
        return "未提供地点"
    if place.street is not None:
        return f"{place.street.name}没有在任的承办单位"
    listed = reference.streets.get(place_code[:STREET_DIGITS])
    return f"街道名录中没有 {place_code}" if listed is None else f"{listed.name}（{listed.code}）尚未设立或已撤销"


def _propose(
    reference: RouterReference,
    item: Item,
    place: Place,
    urgency: Urgency,
    rule: str,
    takers: tuple[tuple[_Taker, ObligationRole], ...],
    reason: str,
) -> Proposal | NeedsDispatcher:
    units = [(taker.unit, role) for taker, role in takers if taker.unit is not None]
    if len(units) < len(takers):
        return _ask("unit_abolished", urgency, place, reference, f"{reason}，但该单位尚未设立或已撤销且无承接单位")
    if len({unit.code for unit, _ in units}) < len(units):  # both have been taken over by the same unit
        units = units[:1]
    reasons = [reason, *_mergers(place), *(note for taker, _ in takers for note in taker.reasons)]
    reasons.append(f"承办单位：{'、'.join(unit.name_zh for unit, _ in units)}")
    if urgency is not item.urgency:
        reasons.append("受理时提高了紧急程度")
    terms = Terms(item.contact_hours, item.limit_working_days)
    assigned = tuple(Assignment(unit.code, role) for unit, role in units)
    return Proposal(
        routing=Routing(units=assigned, terms=terms, rule=rule, reference_version=reference.version),
        urgency=urgency,
        county_code=place.county_code,
        street_code=place.street.code if place.street else None,
        reasons=tuple(reasons),
    )


def _mergers(place: Place) -> list[str]:
    after = [street.name for street in (*place.merged[1:], place.street) if street is not None]
    return [f"{gone.name} 已于 {gone.valid_to} 撤并入 {name}" for gone, name in zip(place.merged, after, strict=False)]


def _ask(reason: str, urgency: Urgency, place: Place, reference: RouterReference, explanation: str) -> NeedsDispatcher:
    if place.county_code is None:
        return NeedsDispatcher(reason, urgency, None, (explanation, "转市派单员"))
    desk = f"G{place.county_code}"
    return NeedsDispatcher(reason, urgency, desk, (explanation, f"转{reference.units[desk].name_zh}分中心派单"))

"""派单规则: which units an order goes to, and why. Pure.

The dispatch catalogue says who leads an item: the street where it happened (属地), the sector unit (行业部门), or
both (双派双考). An emergency waits for nobody: where its street is unknown, the sector unit gets it. A community
never holds an order (社区不承接): a place in a community or a grid is its street's.
"""

from collections.abc import Callable
from dataclasses import dataclass

from contracts.codes import ObligationRole, Urgency
from services.router.obligations import Assignment, Terms
from services.router.order_commands import Routing
from services.router.reference_data import Item, Lead, RouterReference, Street

_MOST_KNOWN = 4096  # answers; more than items times streets of a city's busy day, and bounded whatever comes
STREET_DIGITS = 9
COUNTY_DIGITS = 6
SEVERITY = (Urgency.NORMAL, Urgency.URGENT, Urgency.EMERGENCY)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the rules propose. ``reasons`` says in Chinese, for people, how they came to it.

    ``routing.rule`` is ``locality``, ``sector``, ``dual`` or ``emergency_sector``.
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
    ``unknown_item`` or ``unknown_place``.
    """

    reason: str
    urgency: Urgency
    desk: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    street: Street | None
    county_code: str | None


def propose(
    reference: RouterReference, item_code: str, place_code: str | None, urgency: Urgency = Urgency.NORMAL
) -> Proposal | NeedsDispatcher:
    """The units, limits and urgency of an order about an item at a place.

    ``place_code`` is a division code: county (6 digits), street (9), community (12) or grid (15). ``urgency`` is
    what intake found; it can raise the item's own, never lower it.
    """
    place = _locate(reference, place_code)
    item = reference.items.get(item_code)
    if item is None:
        return _ask("unknown_item", urgency, place, reference, f"派单目录 {reference.version} 中没有事项 {item_code}")
    raised = max(urgency, item.urgency, key=SEVERITY.index)
    about = f"事项 {item.code} {item.item_zh}"
    if item.lead is Lead.SECTOR:
        reason = f"{about}：由行业部门主办"
        return _propose(reference, item, place, raised, "sector", (_sector(item, ObligationRole.LEAD),), reason)
    if place.street is None:
        where = "未提供地点" if place_code is None else f"街道名录中没有 {place_code}"
        if raised is Urgency.EMERGENCY:
            reason = f"{about}：应由属地主办，但{where}；突发事项不等待，先派行业部门"
            sector = (_sector(item, ObligationRole.LEAD),)
            return _propose(reference, item, place, raised, "emergency_sector", sector, reason)
        return _ask("unknown_place", raised, place, reference, f"{about}：应由属地主办，但{where}")
    street = Assignment(f"S{place.street.code}", ObligationRole.LEAD)
    if item.lead is Lead.LOCALITY:
        return _propose(reference, item, place, raised, "locality", (street,), f"{about}：由属地主办")
    both = (street, _sector(item, ObligationRole.DUAL))
    return _propose(reference, item, place, raised, "dual", both, f"{about}：属地与行业部门双派双考")


class Proposals:
    """``propose`` with its answers remembered: a city's calls are about the same items at the same places."""

    def __init__(self, reference: Callable[[], RouterReference]) -> None:
        """``reference`` gives the reference data in force; answers are those of one version."""
        self._reference = reference
        self._of: RouterReference | None = None
        self._known: dict[tuple[str, str | None, Urgency], Proposal | NeedsDispatcher] = {}

    def __call__(self, item_code: str, place_code: str | None, urgency: Urgency) -> Proposal | NeedsDispatcher:
        """What ``propose`` says by the reference data in force."""
        reference = self._reference()
        if reference is not self._of or len(self._known) >= _MOST_KNOWN:
            self._of, self._known = reference, {}
        asked = (item_code, place_code, urgency)
        found = self._known.get(asked)
        if found is None:
            found = self._known[asked] = propose(reference, *asked)
        return found


def _locate(reference: RouterReference, place_code: str | None) -> _Place:
    if place_code is None:
        return _Place(None, None)
    street = reference.streets.get(place_code[:STREET_DIGITS])
    county = street.county_code if street else place_code[:COUNTY_DIGITS]
    return _Place(street, county if f"G{county}" in reference.units else None)


def _sector(item: Item, role: ObligationRole) -> Assignment:
    return Assignment(item.sector_unit, role)


def _propose(
    reference: RouterReference,
    item: Item,
    place: _Place,
    urgency: Urgency,
    rule: str,
    units: tuple[Assignment, ...],
    reason: str,
) -> Proposal:
    names = "、".join(reference.units[unit.unit].name_zh for unit in units)
    reasons = [reason, f"承办单位：{names}"]
    if urgency is not item.urgency:
        reasons.append("受理时提高了紧急程度")
    terms = Terms(item.contact_hours, item.limit_working_days)
    return Proposal(
        routing=Routing(units=units, terms=terms, rule=rule, reference_version=reference.version),
        urgency=urgency,
        county_code=place.county_code,
        street_code=place.street.code if place.street else None,
        reasons=tuple(reasons),
    )


def _ask(reason: str, urgency: Urgency, place: _Place, reference: RouterReference, explanation: str) -> NeedsDispatcher:
    if place.county_code is None:
        return NeedsDispatcher(reason, urgency, None, (explanation, "转市派单员"))
    desk = f"G{place.county_code}"
    return NeedsDispatcher(reason, urgency, desk, (explanation, f"转{reference.units[desk].name_zh}分中心派单"))

"""撤并 of a street that blew or of a department that was called: its successor goes on with the same clocks. Pure."""

from contracts import router_whistles as happened
from contracts.event import Event
from services.router.whistle_commands import HandOver
from services.router.whistle_lines import cancelled, closed_without
from services.router.whistle_state import Status, Whistle, evolve


def hand_over(whistle: Whistle, command: HandOver) -> list[Event]:
    """移交. Without a successor a department is released and a draft dropped; what was blown, a supervisor rates."""
    unit, successor = command.unit, command.successor
    if whistle.status not in (Status.DRAFT, Status.BLOWN):
        return []
    if unit == whistle.street and successor is None:
        return [cancelled(whistle, "unit_abolished", command.by)] if whistle.status is Status.DRAFT else []
    line = next((line for line in whistle.lines if line.unit == unit and not line.ended), None)
    is_called = whistle.status is Status.DRAFT and unit in whistle.called
    if unit != whistle.street and line is None and not is_called:
        return []
    over = happened.WhistleHandedOver(unit=unit, successor=successor, by=command.by)
    after = evolve(whistle, over)
    if after.status is Status.DRAFT:
        return [over] if after.called else [over, cancelled(whistle, "unit_abolished", command.by)]
    last = next((line for line in after.lines if line.ended), None)
    return [over] if last is None else [over, *closed_without(after, last)]

"""Where the limits of an order would end by the calendar of today. Pure.

A limit was counted when its end was set, by the calendar that was in force then. The working time between the two is
what the rule gives; from the same instant the new calendar gives it anew.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from chassis.calendar_history import CalendarHistory
from contracts.codes import Urgency
from contracts.event import Event
from services.router import order_recount
from services.router.order_recount import Moved, RecountLimits
from services.router.work_order import WorkOrder, evolve

_STEPS = {"dispatch": "dispatch_queue", "close_review": "close_review", "revisit": "revisit_wait"}
"""Steps of the whole order whose limit is in the limits file."""


def recount(
    history: Iterable[tuple[datetime, Event]], calendars: CalendarHistory, in_working_time: Callable[[str], bool]
) -> RecountLimits | None:
    """The recount of an order with this history; None if its limits end as they did.

    ``in_working_time`` tells of a limit of the limits file whether it is counted in working time: only such moves.
    """
    order, set_at = WorkOrder(), dict[str, tuple[datetime, datetime]]()
    for at, event in history:
        order = evolve(order, event)
        for name, end in order_recount.running(order).items():
            if name not in set_at or set_at[name][0] != end:
                set_at[name] = (end, at)
    moved = {}
    for name, end in order_recount.running(order).items():
        start = set_at[name][1]
        if not _moves(order, name, in_working_time) or calendars.at(start) == calendars.latest:
            continue
        worked = calendars.at(start).working_elapsed(start, end)
        after = calendars.latest.add_working(start, worked) if worked else end
        if after != end:
            moved[name] = Moved(end, after)
    return RecountLimits(calendars.latest_name, moved) if moved else None


def _moves(order: WorkOrder, name: str, in_working_time: Callable[[str], bool]) -> bool:
    if name == order_recount.STEP:
        step = order.watch.step if order.watch else ""
        if step == "dispatch" and order.urgency is not Urgency.NORMAL:
            return in_working_time("dispatch_queue_urgent")
        return step in _STEPS and in_working_time(_STEPS[step])
    if name.startswith("sign:"):
        return in_working_time("sign" if order.urgency is Urgency.NORMAL else "sign_urgent")
    return True  # the catalogue's limits are in working days

"""工作队列 of notify: which call-backs wait for a revisitor now.

A caller who may not be called yet, or not at this time of the day, is in the list of call-backs but in no queue before
it is time. A time that a caller wished comes first when it has come. ``migrations/0001_notify.py`` has the index.
"""

from chassis.queues import Desk, Queue
from chassis.security import Actor
from services.notify.call_hours import DAYTIME, CallHours, Part

STAFF = frozenset({"revisitor", "supervisor"})
"""Roles that have a queue here."""

_DUE = "notify_instant(state->>'due')"
_WISHES_FIRST = "CASE WHEN state->>'wished_at' IS NULL THEN 1 ELSE 0 END"
_OF_REVISITS = {
    "item": "state->>'item_code' = :by_item::text",
    "basis": "COALESCE(state->>'basis', 'order') = :by_basis::text",
}


def queues(hours: CallHours) -> dict[str, Queue]:
    """The queues of a city with these parts of the day."""
    return {
        queue.name: queue
        for queue in (
            Queue("revisit", "待回访", "revisits", _callable(hours), _DUE, _revisitor, _OF_REVISITS, _WISHES_FIRST),
        )
    }


def _callable(hours: CallHours) -> str:
    """Open, and this caller may be called at ``:now``: what ``revisit.Attempt`` would not refuse."""
    tried = "COALESCE(state->'tried', '[]')"
    different = " + ".join(f"({tried} ? '{part}')::integer" for part in DAYTIME)
    return f"""
    state->>'status' = 'open'
    AND COALESCE(notify_instant(state->>'next_attempt_from'), '-infinity') <= :now::timestamptz
    AND (state->>'wished_at' IS NOT NULL OR NOT {tried} ? ({_part(hours)}) OR {different} >= {hours.needed})
    """


def _part(hours: CallHours) -> str:
    clock = f"((:now::timestamptz AT TIME ZONE '{hours.zone}')::time)::interval"
    begun = "".join(
        f" WHEN {clock} >= make_interval(secs => {start.total_seconds()}) THEN '{part}'"
        for start, part in reversed(hours.starts)
    )
    return f"CASE{begun} ELSE '{Part.NIGHT}' END"


def _revisitor(actor: Actor) -> Desk | None:
    if "revisitor" in actor.roles:
        return Desk(None, "")
    return Desk(None, None) if "supervisor" in actor.roles else None

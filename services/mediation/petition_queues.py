"""工作队列 of petitions 信访代办: what waits at whose desk; one condition each for rows, count and next item.

* 窗口 petition_desk: what the clerk has to have signed, to register, to give to a proxy, to ask after, to archive.
* 代办员 petition_proxy: what a proxy has to settle, to submit or to tell; their own only.
* 机关 petition_authority: what an authority owes, on the clocks of 信访工作条例; the proxy presses for it.
* 逾期 petition_late: every step that was not done in time, for supervisors.

Clerks take from the window and supervisors from what is late. Whose a petition is that has a proxy was said already:
from a proxy's queues nothing is taken, as from a mediator's.
"""

from chassis.queues import Desk, Queue
from chassis.security import Actor
from services.mediation.api_staff import CLERK, SUPERVISOR
from services.mediation.petition_staff import PROXY

OPEN = "state->>'status' NOT IN ('guided', 'archived', 'withdrawn')"
_DUE = "petition_due(state)"
_OWN = "(:unit::text IS NULL OR state->>'proxy' = :unit)"
DESK = f"{OPEN} AND state->>'status' IN ('requested', 'authorised', 'registered', 'feedback', 'revisited')"
PROXYS = f"""
{OPEN} AND state->>'status' IN ('assigned', 'resolved_locally', 'not_accepted', 'opinion_issued') AND {_OWN}
"""
AUTHORITYS = f"""
{OPEN} AND state->>'status' IN ('submitted', 'routed', 'accepted', 'handling', 'review', 'recheck') AND {_OWN}
"""
LATE = f"{OPEN} AND state->'late' <> '{{}}' AND {_OWN}"
_FILTERS = {
    "proxy": "state->>'proxy' = :by_proxy::text",
    "authority": "state->>'authority' = :by_authority::text",
    "status": "state->>'status' = :by_status::text",
}


def _window(actor: Actor) -> Desk | None:
    if CLERK in actor.roles:
        return Desk(None, "")
    return Desk(None, None) if SUPERVISOR in actor.roles else None


def _own(actor: Actor) -> Desk | None:
    """A proxy sees their own; where ``Queue`` says unit, it is the proxy here."""
    if actor.roles & {CLERK, SUPERVISOR}:
        return Desk(None, None)
    return Desk(actor.id, None) if PROXY in actor.roles else None


def _late(actor: Actor) -> Desk | None:
    return Desk(None, "") if SUPERVISOR in actor.roles else _own(actor)


QUEUES = {
    queue.name: queue
    for queue in (
        Queue("petition_desk", "窗口待办的信访代办", "petitions", DESK, _DUE, _window, _FILTERS),
        Queue("petition_proxy", "代办员待办", "petitions", PROXYS, _DUE, _own, _FILTERS),
        Queue("petition_authority", "待机关告知或答复", "petitions", AUTHORITYS, _DUE, _own, _FILTERS),
        Queue("petition_late", "逾期的信访代办", "petitions", LATE, _DUE, _late, _FILTERS),
    )
}

"""工作队列 of the centre's cases: what waits at whose desk; one condition each for rows, count and next item.

* 窗口 door: to be screened, tried before, asked, or given a mediator. guidance, performance and closing: what follows.
* 调解员 mediating: cases in which somebody presides or sits; a mediator sees their own.
* 逾期 late: every step that was not done in time, for supervisors.

What is overdue or has the least time comes first. Those of petitions: ``petition_queues.py``.
"""

from chassis.queues import Desk, Queue
from chassis.security import Actor
from services.mediation.api_staff import CLERK, MEDIATOR, SUPERVISOR
from services.mediation.petition_staff import PROXY

STAFF = frozenset({CLERK, MEDIATOR, PROXY})
"""Roles that have a queue here, beside supervisors."""
_DUE = "case_due(state)"
_OWN = """
(:unit::text IS NULL OR state->>'mediator' = :unit
 OR state->'panel' @> jsonb_build_array(jsonb_build_object('mediator_id', :unit)))
"""
DOOR = "state->>'status' IN ('registered', 'pre_stage', 'consent_pending', 'accepted')"
MEDIATING = f"state->>'status' IN ('mediator_assigned', 'in_mediation') AND {_OWN}"
GUIDANCE = "state->>'status' IN ('failed', 'not_confirmed', 'breached')"
PERFORMANCE = """
state->>'status' IN ('agreed_written', 'agreed_oral', 'confirmation_pending', 'confirmed', 'performing')
"""
CLOSING = "state->>'status' IN ('settled', 'performed', 'guided', 'revisited')"
LATE = "state->'late' <> '{}'"
_FILTERS = {
    "status": "state->>'status' = :by_status::text",
    "origin": "case_origin(state) = :by_origin::text",
    "mediator": "state->>'mediator' = :by_mediator::text",
}


def _clerk(actor: Actor) -> Desk | None:
    if CLERK in actor.roles:
        return Desk(None, "")
    return Desk(None, None) if SUPERVISOR in actor.roles else None


def _mediator(actor: Actor) -> Desk | None:
    """Whose case it is was said already: nothing is taken. Where ``Queue`` says unit, it is the mediator here."""
    if actor.roles & {CLERK, SUPERVISOR}:
        return Desk(None, None)
    return Desk(actor.id, None) if MEDIATOR in actor.roles else None


def _supervisor(actor: Actor) -> Desk | None:
    return Desk(None, "") if SUPERVISOR in actor.roles else None


QUEUES = {
    queue.name: queue
    for queue in (
        Queue("door", "窗口待办：审查、前置化解、征求意见、指定调解员", "cases", DOOR, _DUE, _clerk, _FILTERS),
        Queue("mediating", "调解中", "cases", MEDIATING, _DUE, _mediator, _FILTERS),
        Queue("guidance", "待引导其他途径", "cases", GUIDANCE, _DUE, _clerk, _FILTERS),
        Queue("performance", "司法确认和履行", "cases", PERFORMANCE, _DUE, _clerk, _FILTERS),
        Queue("closing", "待回访、归档", "cases", CLOSING, _DUE, _clerk, _FILTERS),
        Queue("late", "逾期", "cases", LATE, _DUE, _supervisor, _FILTERS),
    )
}

"""工作队列 of intake: which issues wait at whose desk; one condition each for rows, count and next item.

* 坐席 agent: what was taken down and waits to be taken up, dangers first, then the dedicated desk's (白名单专席).
* 政策专员 specialist: questions to be answered.
* 第二人 decline and, for supervisors, 第三人 objection: nobody is shown what they may not decide.
* 督办 supervisor: what was not done in time.

An accepted issue waits for its order, which is in a queue of the router; here its end is watched by a deadline.
``migrations/0004_queues.py`` has the index that the earlier ones lack.
"""

from chassis.queues import Desk, Queue
from chassis.security import Actor

STAFF = frozenset({"agent", "specialist", "supervisor"})
"""Roles that have a queue here."""

OVERDUE = """
state->>'status' IN ('registered', 'decline_review', 'accepted', 'objection_review', 'at_centre')
AND (state->>'overdue' = 'true' OR state->>'answer_overdue' = 'true')
"""
_DUE = "COALESCE(issue_instant(state->>'due'), '2999-12-31Z')"
_ANSWER_DUE = "COALESCE(issue_instant(state->>'answer_due'), '2999-12-31Z')"
_DANGERS_FIRST = """
CASE WHEN state->>'emergency' IS NOT NULL OR state->>'urgency' = 'emergency' THEN 0
     WHEN state->>'desk' = 'priority' THEN 1 ELSE 2 END
"""
_FILTERS = {
    "item": "state->>'item_code' = :by_item::text",
    "street": "state->>'street_code' = :by_street::text",
    "channel": "state->>'channel' = :by_channel::text",
}


def _agent(actor: Actor) -> Desk | None:
    if "agent" in actor.roles:
        return Desk(None, "")
    return Desk(None, None) if "supervisor" in actor.roles else None


def _specialist(actor: Actor) -> Desk | None:
    if "specialist" in actor.roles:
        return Desk(None, "")
    return Desk(None, None) if "supervisor" in actor.roles else None


def _second(actor: Actor) -> Desk | None:
    return Desk(None, "") if actor.roles & {"agent", "supervisor"} else None


def _supervisor(actor: Actor) -> Desk | None:
    return Desk(None, "") if "supervisor" in actor.roles else None


QUEUES = {
    queue.name: queue
    for queue in (
        Queue("agent", "待受理", "issues", "state->>'status' = 'registered'", _DUE, _agent, _FILTERS, _DANGERS_FIRST),
        Queue(
            "specialist",
            "待政策专员答复",
            "issues",
            "state->>'status' = 'registered' AND state->>'question_id' IS NOT NULL",
            _ANSWER_DUE,
            _specialist,
            _FILTERS,
        ),
        Queue(
            "decline",
            "不予受理待另一人复核",
            "issues",
            "state->>'status' = 'decline_review' AND state->>'proposed_by' IS DISTINCT FROM :me::text",
            _DUE,
            _second,
            _FILTERS,
        ),
        Queue(
            "objection",
            "不予受理异议待第三人复核",
            "issues",
            """
            state->>'status' = 'objection_review' AND state->>'proposed_by' IS DISTINCT FROM :me::text
            AND state->>'declined_by' IS DISTINCT FROM :me
            """,
            _DUE,
            _supervisor,
            _FILTERS,
        ),
        Queue("supervisor", "逾期未办", "issues", OVERDUE, _DUE, _supervisor, _FILTERS),
    )
}

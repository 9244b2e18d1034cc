"""工作队列 of the router: which orders and whistles wait at whose desk; one condition each for rows, count, next item.

* 市级派单 dispatcher: what no rule could dispatch, and returns to be decided.
* 二级派单 county: the same of one county, where that is known; and what the county has as a unit, to be sent on.
* 承办单位 unit: what a unit has to sign or to handle. 报到 whistle: what a called department still owes.
* 街道 street: whistles that it has to approve or to rate.
* 旗县区领导 escalated, 评议组 panel: whistles that were brought before them.
* 审核 reviewer: results, extensions, suspensions and exclusions to be decided.
* 督办 supervisor, whistle_supervisor: what nobody decided in time, callers whom a unit has not contacted in time,
  red and problem orders, rulings; escalated whistles.

What waits for somebody outside the router (a mediator, a caller), or for the day of a re-check, is in no queue until
that deadline has passed. ``migrations/0003_queues.py`` has an index for each condition, that of the supervisor's is in
``0010_contact_overdue.py``.
"""

from chassis.queues import Desk, Queue
from chassis.security import Actor

STAFF = frozenset({"county_leader", "dispatcher", "panel", "reviewer", "street_leader", "supervisor", "unit_handler"})
"""Roles that have a queue here."""
COUNTY = "G"
"""First letter of the codes of 旗县区 county governments."""

OPEN = "state->>'status' NOT IN ('closed', 'cancelled')"
_DUE = "router_due(state)"
DISPATCHER = """
state->>'status' = 'pending_dispatch'
OR state->'requests' @? '$[*] ? (@.kind == "return" && @.overdue == false && @.binding == false)'
"""
_CITY = f"state->>'desk' IS NULL AND ({DISPATCHER})"
_AT_COUNTY = f"state->>'desk' IS NOT NULL AND (:unit::text IS NULL OR state->>'desk' = :unit) AND ({DISPATCHER})"
REVIEWER = """
state->>'status' = 'close_review' OR (
    state->'requests' @? '$[*] ? (@.kind != "return" && @.kind != "ruling" && @.overdue == false)'
    AND state->>'status' <> 'cancelled'
)
"""
SUPERVISOR = """
(state->>'status' NOT IN ('closed', 'cancelled')
 AND (state->>'supervision' IN ('red', 'escalated') OR state->'watch'->>'overdue' = 'true'
      OR state->'duties' @? '$[*] ? (@.contact_overdue == true && @.contacted == false && @.result_id == null)'))
OR (state->'requests' @? '$[*] ? (@.kind == "ruling" || @.overdue == true || @.binding == true)'
    AND state->>'status' <> 'cancelled')
"""
ESCALATED = """
state->>'status' = 'blown' AND state->'lines' @? '$[*] ? (@.status == "escalated")'
"""
PANEL = """
state->>'status' = 'blown' AND state->'lines' @? '$[*] ? (@.ruling_due != null)'
"""
CALLED = "state->>'status' = 'blown'"
STREET = """
state->>'status' = 'draft' OR (state->>'status' = 'blown' AND state->'lines' @? '$[*] ? (@.status == "result")')
"""
WHISTLE_SUPERVISOR = """
state->>'status' IN ('draft', 'blown') AND (
    state->'approve_late' = 'true'
    OR state->'lines' @? '$[*] ? (@.status == "escalated" || @.ruling_due != null)'
    OR state->'lines' @? '$[*] ? (@.status == "result" && @.late[*] == "evaluate")'
)
"""
# Nobody decides about what their own unit handles (order.reviewer_is_handler).
_NOT_OWN = """
:own::text IS NULL OR NOT (
    state->'duties' @> jsonb_build_array(jsonb_build_object('unit', :own)) OR state->'co_handlers' ? :own
)
"""
_HANDLING = f"""
{OPEN} AND state->>'status' NOT IN ('in_mediation', 'suspended')
AND CASE WHEN :unit::text IS NULL THEN router_owing(state) <> '[]' ELSE router_owing(state) ? :unit END
AND (:unit::text IS NULL OR COALESCE(NOT state->'aside'->'suspended' ? :unit, true))
"""
# What waits for a dispatcher is at one desk only: a duty of the county beside it is in the county's own unit queue.
_COUNTY = f"""
({_AT_COUNTY}) OR (
    {_HANDLING} AND (:unit::text IS NOT NULL OR router_owing(state) @? '$[*] ? (@ starts with "{COUNTY}")')
    AND state->>'status' <> 'pending_dispatch'
)
"""
_REPORTING = f"""
{CALLED} AND CASE WHEN :unit::text IS NULL THEN router_called(state) <> '[]' ELSE router_called(state) ? :unit END
"""
# When a request has to be decided, which may be sooner than the order's own step ends, or later than it ended.
_DECIDE_DUE = """
COALESCE((SELECT min((request->>'review_due')::timestamptz) FROM jsonb_array_elements(state->'requests') request),
         router_due(state))
"""
# Each unit on its own clock (双派双考), not on that of the unit which has the least time.
_OWN_DUE = """
CASE WHEN :unit::text IS NULL THEN router_due(state) ELSE COALESCE((
    SELECT min((CASE WHEN (duty->>'signed')::boolean THEN duty->>'due' ELSE duty->>'sign_due' END)::timestamptz)
    FROM jsonb_array_elements(state->'duties') duty WHERE duty->>'unit' = :unit
), router_due(state)) END
"""
_COUNTY_DUE = f"CASE WHEN {_AT_COUNTY} THEN {_DECIDE_DUE} ELSE {_OWN_DUE} END"
_OWN_LINE_DUE = """
CASE WHEN :unit::text IS NULL THEN router_due(state) ELSE COALESCE((
    SELECT min((CASE line->>'status' WHEN 'notified' THEN line->>'acknowledge_due'
                WHEN 'acknowledged' THEN COALESCE(line->>'contact_due', line->>'report_in_due')
                WHEN 'contacted' THEN line->>'report_in_due' ELSE line->>'result_due' END)::timestamptz)
    FROM jsonb_array_elements(state->'lines') line WHERE line->>'unit' = :unit
), router_due(state)) END
"""
_RATE_DUE = """
COALESCE((state->>'approve_due')::timestamptz, (
    SELECT min((line->>'evaluate_due')::timestamptz)
    FROM jsonb_array_elements(state->'lines') line WHERE line->>'status' = 'result'
), router_due(state))
"""
_RULING_DUE = """
COALESCE((
    SELECT min((line->>'ruling_due')::timestamptz) FROM jsonb_array_elements(state->'lines') line
), router_due(state))
"""

_OF_ORDERS = {
    "item": "state->>'item_code' = :by_item::text",
    "street": "state->>'street_code' = :by_street::text",
    "level": "state->>'supervision' = :by_level::text",
}
_OF_UNIT = {"unit": ":unit::text = :by_unit::text"}
_OF_ANY_UNIT = {
    "unit": """
    state->'duties' @> jsonb_build_array(jsonb_build_object('unit', :by_unit::text)) OR state->'co_handlers' ? :by_unit
    """
}
_OF_WHISTLES = {"street": "state->>'street' = 'S' || :by_street::text"}


def county_of(actor: Actor) -> str | None:
    """二级派单: the county whose dispatcher somebody is; None for the city's, and for who is no dispatcher."""
    of_county = actor.unit is not None and actor.unit.startswith(COUNTY)
    return actor.unit if of_county and "dispatcher" in actor.roles else None


def _city(actor: Actor) -> Desk | None:
    if "supervisor" in actor.roles and "dispatcher" not in actor.roles:
        return Desk(None, None)
    return Desk(None, "") if "dispatcher" in actor.roles and county_of(actor) is None else None


def _county(actor: Actor) -> Desk | None:
    if county := county_of(actor):
        return Desk(county, county)
    return Desk(None, None) if actor.roles & {"dispatcher", "supervisor"} else None


def _own(actor: Actor) -> Desk | None:
    """承办单位 staff see and take their own unit's; the centre sees everybody's. Staff of no unit see nothing."""
    works = actor.unit or "-" if "unit_handler" in actor.roles else None
    if "supervisor" in actor.roles or ("dispatcher" in actor.roles and county_of(actor) is None):
        return Desk(None, works)
    return Desk(works, works) if works else None


def _street(actor: Actor) -> Desk | None:
    if "street_leader" in actor.roles and actor.unit:
        return Desk(actor.unit, actor.unit)
    desk = _own(actor)
    return desk if desk is None or desk.sees is None or desk.sees.startswith("S") else None


def _county_leader(actor: Actor) -> Desk | None:
    if "county_leader" in actor.roles:
        return Desk(actor.unit or "-", actor.unit or "-")
    return Desk(None, None) if "supervisor" in actor.roles else None


def _panel(actor: Actor) -> Desk | None:
    return Desk(None, "") if actor.roles & {"panel", "supervisor"} else None


def _reviewer(actor: Actor) -> Desk | None:
    if "reviewer" in actor.roles:
        return Desk(None, "")
    return Desk(None, None) if "supervisor" in actor.roles else None


def _supervisor(actor: Actor) -> Desk | None:
    return Desk(None, "") if "supervisor" in actor.roles else None


QUEUES = {
    queue.name: queue
    for queue in (
        Queue("dispatcher", "待派单与退单审核", "orders", _CITY, _DECIDE_DUE, _city, _OF_ORDERS | _OF_ANY_UNIT),
        Queue("county", "旗县区分中心待二级派单", "orders", _COUNTY, _COUNTY_DUE, _county, _OF_ORDERS | _OF_UNIT),
        Queue("unit", "本单位待签收、待办理", "orders", _HANDLING, _OWN_DUE, _own, _OF_ORDERS | _OF_UNIT),
        Queue("whistle", "待应哨、报到和反馈", "whistles", _REPORTING, _OWN_LINE_DUE, _own, _OF_WHISTLES | _OF_UNIT),
        Queue(
            "street",
            "街道待批准、待评价的哨声",
            "whistles",
            f"({STREET}) AND (:unit::text IS NULL OR state->>'street' = :unit)",
            _RATE_DUE,
            _street,
            _OF_WHISTLES | _OF_UNIT,
        ),
        Queue(
            "reviewer",
            "办结审核及延期、挂账、剔除审批",
            "orders",
            f"({REVIEWER}) AND ({_NOT_OWN})",
            _DECIDE_DUE,
            _reviewer,
            _OF_ORDERS | _OF_ANY_UNIT,
        ),
        Queue("supervisor", "督办", "orders", SUPERVISOR, _DUE, _supervisor, _OF_ORDERS | _OF_ANY_UNIT),
        Queue(
            "escalated",
            "提级到旗县区的哨声",
            "whistles",
            f"({ESCALATED}) AND (:unit::text IS NULL OR 'G' || substr(state->>'street', 2, 6) = :unit)",
            _DUE,
            _county_leader,
            _OF_WHISTLES | _OF_UNIT,
        ),
        Queue("panel", "异议待评议裁定的哨声", "whistles", PANEL, _RULING_DUE, _panel, _OF_WHISTLES),
        Queue(
            "whistle_supervisor",
            "督办的哨声",
            "whistles",
            WHISTLE_SUPERVISOR,
            _DUE,
            _supervisor,
            _OF_WHISTLES,
        ),
    )
}

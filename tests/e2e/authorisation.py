"""Who may do what: every operation of every service, by role, and whose rows a role is confined to.

Sources: the tables of states in the domain description, and the scopes that a unit's staff and mediators have.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from stack.tokens import Staff, leader
from tests.e2e.api import (
    CLERK,
    COUNTY,
    LEADER,
    MEDIATOR,
    OTHER_MEDIATOR,
    OTHER_PARTNER,
    OTHER_PROXY,
    PARTNER,
    PROXY,
    STRANGER,
    STREET,
    WATER,
)

ROLES = (
    "agent",
    "specialist",
    "dispatcher",
    "supervisor",
    "unit_handler",
    "street_leader",
    "county_leader",
    "panel",
    "reviewer",
    "centre_clerk",
    "mediator",
    "petition_proxy",
    "revisitor",
    "partner",
    "admin",
    "service",
)


@dataclass(frozen=True, slots=True)
class Scope:
    """``own`` may touch the test's row; ``other`` has the same role and is refused with ``status`` and ``code``."""

    own: tuple[Staff, ...]
    other: tuple[Staff, ...]
    status: int
    code: str


@dataclass(frozen=True, slots=True)
class Rule:
    """``roles`` may ask. ``scope`` is about those of them who do not see every row."""

    roles: frozenset[str]
    scope: Scope | None = None


def _to(roles: Iterable[str], scope: Scope | None = None) -> Rule:
    return Rule(frozenset(roles), scope)


EVERYBODY = Rule(frozenset((*ROLES, "nobody")))
"""A token is enough: the operation tells nothing about anybody."""
OPERATIONS = {
    "GET /v1/check": _to({"admin"}),
    "GET /v1/dead-letters": _to({"admin"}),
    "POST /v1/dead-letters/{letter_id}/replay": _to({"admin"}),
    "POST /v1/dead-letters/{letter_id}/discard": _to({"admin"}),
}

_AGENT, _HANDLER, _CLERK, _MEDIATOR = {"agent"}, {"unit_handler"}, {"centre_clerk"}, {"mediator"}
_CENTRE = _CLERK | _MEDIATOR
_CARRIERS = _CLERK | {"petition_proxy"}
_PETITIONS = _CARRIERS | {"supervisor"}
_OFFICES = {"agent", "dispatcher", "supervisor", "unit_handler", "street_leader", "county_leader", "panel"}
_OFFICES |= {"reviewer", "revisitor"}
"""Whoever may look up a case by its code 一案一码."""
_ISSUES = set(ROLES) - {"petition_proxy", "partner", "street_leader", "county_leader", "panel"}
_ORDERS = {"agent", "dispatcher", "supervisor", "reviewer", "revisitor", "admin", "service", "unit_handler"}
_DECIDERS = {"dispatcher", "reviewer", "supervisor"}
_RESULTS = {"unit_handler", "reviewer", "supervisor", "service"}
_WHISTLES = _ORDERS | {"street_leader", "county_leader", "panel"}
_WHISTLE_TEXTS = _RESULTS | {"street_leader", "county_leader", "panel"}
_TRIAGE = {"agent", "specialist", "supervisor"}
_QUEUES = {"dispatcher", "reviewer", "supervisor", "unit_handler", "street_leader", "county_leader", "panel"}
_REVEAL = {"agent", "service", "unit_handler", "mediator", "centre_clerk", "revisitor", "supervisor"}
_REVISITS = {"revisitor", "supervisor", "reviewer", "admin", "service"}
_TELLERS = {"agent", "revisitor", "centre_clerk", "supervisor"}
_CALLING = {"revisitor", "supervisor"}
_UNDELIVERED = _TELLERS | {"admin"}
_DELIVERIES = _UNDELIVERED | {"service"}
_PARTNERS = {"partner", "admin"}

_CITY_DESK = Staff("D-CITY", ("dispatcher",))
_OWN_DESK, _OTHER_DESK = (Staff(f"D-{county}", ("dispatcher",), county) for county in ("G150102", "G150103"))
_ISSUE_ROW = Scope((STREET, _CITY_DESK, _OWN_DESK), (STRANGER, _OTHER_DESK), 404, "issue.not_found")
_CALLER = Scope((STREET,), (STRANGER,), 403, "issue.not_your_unit")
_NOT_AT_DESK = (403, "order.not_your_desk")
_ORDER_ROW = Scope((STREET,), (STRANGER, WATER), 404, "order.not_found")
_ORDER = Scope((STREET,), (STRANGER, WATER), 403, "order.not_your_unit")
_DESK = Scope((_CITY_DESK,), (_OTHER_DESK,), *_NOT_AT_DESK)
_ELSEWHERE = (STRANGER, leader(str(STRANGER.unit)), Staff("X", COUNTY.roles, "G150103"))
_WHISTLE_ROW = Scope((STREET, WATER, LEADER, COUNTY), _ELSEWHERE, 404, "whistle.not_found")
_STREET_ONLY = Scope((STREET,), (WATER,), 403, "whistle.street_only")
_OF_COUNTY = Scope((COUNTY,), (_ELSEWHERE[2],), 403, "whistle.not_your_unit")
_LEADS = Scope((LEADER,), (leader(str(STRANGER.unit)),), 403, "whistle.not_your_unit")
_CALLED = Scope((WATER,), (STRANGER, STREET), 403, "whistle.not_your_unit")
_BLEW = Scope((STREET,), (STRANGER, WATER), 403, "whistle.not_your_unit")
_DOOR = Scope((Staff("X", ("agent", "centre_clerk")),), (CLERK,), 403, "issue.clerk_of_centre")
_CASE_ROW = Scope((MEDIATOR,), (OTHER_MEDIATOR,), 404, "case.not_found")
_CASE = Scope((MEDIATOR,), (OTHER_MEDIATOR,), 403, "case.not_your_case")
_PETITION_ROW = Scope((PROXY,), (OTHER_PROXY,), 404, "petition.not_found")
_PETITION = Scope((PROXY,), (OTHER_PROXY,), 403, "petition.not_yours")
_SUBSCRIPTION = Scope((PARTNER,), (OTHER_PARTNER,), 404, "subscription.not_found")
_NOWHERE = Scope((), (), 422, "subscription.target_unresolved")
"""The example's host is one that nobody has; a partner gets as far as that."""


def _claims(workers: set[str]) -> dict[str, Rule]:
    """Claims and handovers are one's own; a supervisor takes over anybody's."""
    return {
        "GET /v1/claims": _to(workers),
        "POST /v1/claims/{claim_id}/renew": _to(workers),
        "POST /v1/claims/{claim_id}/release": _to(workers),
        "POST /v1/claims/{claim_id}/take-over": _to({"supervisor"}),
        "POST /v1/claims/handover": _to(workers),
        "GET /v1/handovers": _to(workers),
    }


TABLE: dict[str, dict[str, Rule]] = {
    "intake": OPERATIONS
    | {
        "POST /v1/issues": _to({"agent", "centre_clerk", "partner", "service"}, _DOOR),
        "GET /v1/issues": _to(_ISSUES),
        "GET /v1/issues/{issue_id}": _to(_ISSUES, _ISSUE_ROW),
        "GET /v1/issues/{issue_id}/timeline": _to(_ISSUES, _ISSUE_ROW),
        "GET /v1/issues/{issue_id}/suggestions": _to({"agent", "supervisor"}),
        "POST /v1/issues/{issue_id}/appeals/{appeal_id}/reveal": _to(_REVEAL, _CALLER),
        "POST /v1/contacts/reveal": _to({"service"}),
        "POST /v1/issues/{issue_id}/transfer": _to(_AGENT),
        "POST /v1/issues/{issue_id}/answer": _to(_AGENT),
        "POST /v1/issues/{issue_id}/propose-decline": _to(_AGENT),
        "POST /v1/issues/{issue_id}/confirm-decline": _to({"agent", "supervisor"}),
        "POST /v1/issues/{issue_id}/refuse-decline": _to({"agent", "supervisor"}),
        "POST /v1/issues/{issue_id}/accept": _to(_AGENT),
        "POST /v1/issues/{issue_id}/appeals": _to(_AGENT),
        "POST /v1/issues/{issue_id}/follow-ups": _to(_AGENT),
        "POST /v1/issues/{issue_id}/emergency": _to(_AGENT),
        "POST /v1/issues/{issue_id}/refuse-transfer": _to(_AGENT),
        "POST /v1/issues/{issue_id}/questions": _to(_AGENT),
        "POST /v1/issues/{issue_id}/questions/{question_id}/answer": _to({"specialist"}),
        "POST /v1/issues/{issue_id}/online-class": _to(_AGENT),
        "POST /v1/issues/{issue_id}/object": _to(_AGENT),
        "POST /v1/issues/{issue_id}/uphold-objection": _to({"supervisor"}),
        "POST /v1/issues/{issue_id}/reject-objection": _to({"supervisor"}),
        "POST /v1/issues/{issue_id}/appeals/{appeal_id}/withdraw": _to(_AGENT),
        "POST /v1/issues/{issue_id}/reopen": _to(_AGENT),
        "POST /v1/issues/{issue_id}/hand-to-centre": _to({"agent", "centre_clerk"}),
        "POST /v1/issues/{issue_id}/merge": _to({"agent", "supervisor"}),
        "POST /v1/issues/{issue_id}/unmerge": _to({"agent", "supervisor"}),
        "GET /v1/issues/{issue_id}/notes": _to({"agent", "specialist", "supervisor"}),
        "GET /v1/queues": _to(_TRIAGE),
        "GET /v1/queues/{name}": _to(_TRIAGE),
        "POST /v1/queues/{name}/next": _to(_TRIAGE),
        **_claims(_TRIAGE),
        "POST /v1/callers/look-up": _to({"agent", "supervisor"}),
        "GET /v1/callers": _to({"supervisor"}),
        "GET /v1/callers/{appellant_id}": _to({"agent", "supervisor"}),
        "GET /v1/callers/{appellant_id}/history": _to({"supervisor"}),
        "GET /v1/callers/{appellant_id}/issues": _to({"agent", "supervisor"}),
        "POST /v1/callers/{appellant_id}/list": _to({"supervisor"}),
        "POST /v1/callers/{appellant_id}/unlist": _to({"supervisor"}),
        "POST /v1/callers/{appellant_id}/appeal": _to({"agent", "supervisor"}),
        "POST /v1/callers/{appellant_id}/judge-appeal": _to({"supervisor"}),
        "GET /v1/catalogue": EVERYBODY,
        "GET /v1/exclusions": EVERYBODY,
        "GET /v1/knowledge": EVERYBODY,
    },
    "router": OPERATIONS
    | {
        "GET /v1/orders": _to(_ORDERS),
        "GET /v1/orders/{order_id}": _to(_ORDERS, _ORDER_ROW),
        "GET /v1/orders/{order_id}/result": _to(_RESULTS, _ORDER_ROW),
        "POST /v1/orders/{order_id}/dispatch": _to({"dispatcher"}, _DESK),
        "POST /v1/orders/{order_id}/sign": _to(_HANDLER, _ORDER),
        "POST /v1/orders/{order_id}/contact": _to(_HANDLER, _ORDER),
        "POST /v1/orders/{order_id}/refer": _to(_HANDLER, _ORDER),
        "POST /v1/orders/{order_id}/refer-petition": _to(_HANDLER, _ORDER),
        "POST /v1/orders/{order_id}/submit": _to(_HANDLER, _ORDER),
        "POST /v1/orders/{order_id}/review": _to({"reviewer", "supervisor"}),
        "POST /v1/orders/{order_id}/whistles": _to(_HANDLER, _ORDER),
        "GET /v1/orders/{order_id}/notes": _to(_DECIDERS | _HANDLER, _ORDER_ROW),
        "POST /v1/orders/{order_id}/return": _to(_HANDLER, _ORDER),
        "POST /v1/orders/{order_id}/ruling": _to(_HANDLER, _ORDER),
        "POST /v1/orders/{order_id}/extension": _to(_HANDLER, _ORDER),
        "POST /v1/orders/{order_id}/suspension": _to(_HANDLER, _ORDER),
        "POST /v1/orders/{order_id}/exclusion": _to(_HANDLER, _ORDER),
        "POST /v1/orders/{order_id}/requests/{request_id}/approve": _to(_DECIDERS),
        "POST /v1/orders/{order_id}/requests/{request_id}/reject": _to(_DECIDERS),
        "POST /v1/orders/{order_id}/requests/{request_id}/rule": _to({"supervisor"}),
        "POST /v1/orders/{order_id}/suspension/renew": _to({"supervisor"}),
        "POST /v1/orders/{order_id}/resume": _to(_HANDLER | {"supervisor"}, _ORDER),
        "POST /v1/orders/{order_id}/recall": _to({"dispatcher"}, _DESK),
        "POST /v1/orders/{order_id}/reassign": _to({"dispatcher"}),
        "POST /v1/orders/{order_id}/co-handlers": _to({"dispatcher"}, _DESK),
        "POST /v1/orders/{order_id}/hand-over": _to({"dispatcher"}),
        "POST /v1/orders/{order_id}/desk": _to({"dispatcher"}, _DESK),
        "POST /v1/orders/{order_id}/supervise": _to({"supervisor"}),
        "GET /v1/whistles": _to(_WHISTLES),
        "GET /v1/whistles/scores": _to(_ORDERS),
        "GET /v1/whistles/{whistle_id}": _to(_WHISTLES, _WHISTLE_ROW),
        "GET /v1/whistles/{whistle_id}/results": _to(_WHISTLE_TEXTS, _WHISTLE_ROW),
        "GET /v1/whistles/{whistle_id}/reasons": _to(_WHISTLE_TEXTS, _WHISTLE_ROW),
        "POST /v1/whistles": _to(_HANDLER, _STREET_ONLY),
        "POST /v1/whistles/{whistle_id}/approve": _to({"street_leader", "supervisor"}, _LEADS),
        "POST /v1/whistles/{whistle_id}/refuse": _to({"street_leader", "supervisor"}, _LEADS),
        "POST /v1/whistles/{whistle_id}/revise": _to(_HANDLER, _BLEW),
        "POST /v1/whistles/{whistle_id}/discard": _to(_HANDLER, _BLEW),
        "POST /v1/whistles/{whistle_id}/contact": _to(_HANDLER, _CALLED),
        "POST /v1/whistles/{whistle_id}/object": _to(_HANDLER, _CALLED),
        "POST /v1/whistles/{whistle_id}/rate-street": _to(_HANDLER, _CALLED),
        "POST /v1/whistles/{whistle_id}/supervise": _to({"county_leader", "supervisor"}, _OF_COUNTY),
        "POST /v1/whistles/{whistle_id}/rule": _to({"panel", "supervisor"}),
        "POST /v1/whistles/{whistle_id}/acknowledge": _to(_HANDLER, _CALLED),
        "POST /v1/whistles/{whistle_id}/report-in": _to(_HANDLER, _CALLED),
        "POST /v1/whistles/{whistle_id}/result": _to(_HANDLER, _CALLED),
        "POST /v1/whistles/{whistle_id}/evaluate": _to(_HANDLER | {"supervisor"}, _BLEW),
        "GET /v1/queues": _to(_QUEUES),
        "GET /v1/queues/{name}": _to(_QUEUES),
        "POST /v1/queues/{name}/next": _to(_QUEUES),
        **_claims(_QUEUES),
        "GET /v1/orders/{order_id}/why": _to(_ORDERS, _ORDER_ROW),
        "GET /v1/orders/{order_id}/rates": _to(_ORDERS, _ORDER_ROW),
        "POST /v1/orders/bulk-dispatch": _to({"dispatcher"}),
        "GET /v1/reply-templates": EVERYBODY,
        "GET /v1/orders/{order_id}/reply-draft": _to(_HANDLER, _ORDER_ROW),
        "GET /v1/deputies": _to({"supervisor", "unit_handler", "street_leader"}),
        "POST /v1/units/{unit}/deputies": _to({"supervisor"}),
        "POST /v1/deputies/{deputy_id}/revoke": _to({"supervisor"}),
        "GET /v1/units": EVERYBODY,
        "GET /v1/units/{code}": EVERYBODY,
        "GET /v1/catalogue": EVERYBODY,
        "GET /v1/reference": EVERYBODY,
    },
    "mediation": OPERATIONS
    | {
        "GET /v1/cases": _to(_CENTRE | _OFFICES),
        "GET /v1/cases/{case_id}": _to(_CENTRE | {"supervisor"}, _CASE_ROW),
        "GET /v1/cases/{case_id}/parties": _to(_CENTRE, _CASE_ROW),
        "POST /v1/cases/{case_id}/parties/reveal": _to(_CENTRE, _CASE),
        "POST /v1/cases": _to(_CLERK),
        "POST /v1/cases/{case_id}/screen": _to(_CLERK),
        "POST /v1/cases/{case_id}/refer-out": _to(_CLERK),
        "POST /v1/cases/{case_id}/consents": _to(_CLERK),
        "POST /v1/cases/{case_id}/assign-mediator": _to(_CLERK),
        "POST /v1/cases/{case_id}/prestage": _to(_CLERK),
        "POST /v1/cases/{case_id}/prestage/steps": _to(_CLERK),
        "POST /v1/cases/{case_id}/prestage/end": _to(_CLERK),
        "POST /v1/cases/{case_id}/parties": _to(_CLERK),
        "POST /v1/cases/{case_id}/parties/{party_id}/reveal": _to({"service"}),
        "GET /v1/cases/{case_id}/representatives": _to(_CENTRE, _CASE_ROW),
        "POST /v1/cases/{case_id}/representatives/reveal": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/representatives": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/representatives/{representative_id}/end": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/mediator-proposals": _to(_CLERK),
        "POST /v1/cases/{case_id}/mediator-proposals/answers": _to(_CLERK),
        "POST /v1/cases/{case_id}/recusals": _to(_CENTRE, _CASE),
        "GET /v1/queues": _to(_CENTRE | {"supervisor"}),
        "GET /v1/queues/{name}": _to(_CENTRE | {"supervisor"}),
        "POST /v1/queues/{name}/next": _to(_CENTRE | {"supervisor"}),
        **_claims(_CENTRE | _PETITIONS),
        "GET /v1/committees": _to(_CENTRE | {"supervisor"}),
        "GET /v1/mediators": _to(_CENTRE | {"supervisor"}),
        "POST /v1/mediators": _to({"supervisor"}),
        "POST /v1/mediators/{mediator_id}/end": _to({"supervisor"}),
        "POST /v1/cases/{case_id}/sessions": _to(_MEDIATOR, _CASE),
        "POST /v1/cases/{case_id}/agreement": _to(_MEDIATOR, _CASE),
        "POST /v1/cases/{case_id}/failure": _to(_MEDIATOR, _CASE),
        "POST /v1/cases/{case_id}/withdraw": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/guidance": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/confirmation-request": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/ruling": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/instalments/{number}/performed": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/instalments/{number}/breach": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/sessions/plan": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/extension": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/risks": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/risks/{report_id}/clear": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/court/acceptance": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/court/refusal": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/court/extension": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/court/supplement-request": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/court/supplement": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/court/withdrawal": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/instalments/{number}/part": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/instalments/{number}/due": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/instalments/{number}/oversight": _to(_CENTRE, _CASE),
        "POST /v1/cases/{case_id}/return-visit": _to(_CLERK),
        "POST /v1/cases/{case_id}/archive": _to(_CLERK),
        "POST /v1/cases/{case_id}/reveal": _to(_CENTRE, _CASE),
        "GET /v1/petitions": _to(_PETITIONS),
        "GET /v1/petitions/{petition_id}": _to(_PETITIONS, _PETITION_ROW),
        "POST /v1/petitions/{petition_id}/reveal": _to(_PETITIONS, _PETITION_ROW),
        "GET /v1/petition-queues": _to(_PETITIONS),
        "GET /v1/petition-queues/{name}": _to(_PETITIONS),
        "POST /v1/petition-queues/{name}/next": _to(_PETITIONS),
        "POST /v1/petitions": _to(_CLERK),
        "POST /v1/petitions/{petition_id}/authorisation": _to(_CLERK),
        "POST /v1/petitions/{petition_id}/register": _to(_CLERK),
        "POST /v1/petitions/{petition_id}/proxy": _to(_CLERK),
        "POST /v1/petitions/{petition_id}/revisit": _to(_CLERK),
        "POST /v1/petitions/{petition_id}/archive": _to(_CLERK),
        "POST /v1/petitions/{petition_id}/guide-away": _to(_CARRIERS, _PETITION),
        "POST /v1/petitions/{petition_id}/local-result": _to(_CARRIERS, _PETITION),
        "POST /v1/petitions/{petition_id}/submit": _to(_CARRIERS, _PETITION),
        "POST /v1/petitions/{petition_id}/feedback": _to(_CARRIERS, _PETITION),
        "POST /v1/petitions/{petition_id}/withdraw": _to(_CARRIERS, _PETITION),
        "POST /v1/petitions/{petition_id}/route": _to(_CARRIERS, _PETITION),
        "POST /v1/petitions/{petition_id}/objection": _to(_CARRIERS, _PETITION),
        "POST /v1/petitions/{petition_id}/objection/reject": _to(_CARRIERS, _PETITION),
        "POST /v1/petitions/{petition_id}/acceptance": _to(_CARRIERS, _PETITION),
        "POST /v1/petitions/{petition_id}/non-acceptance": _to(_CARRIERS, _PETITION),
        "POST /v1/petitions/{petition_id}/handling": _to(_CARRIERS, _PETITION),
        "POST /v1/petitions/{petition_id}/extension": _to(_CARRIERS, _PETITION),
        "POST /v1/petitions/{petition_id}/opinion": _to(_CARRIERS, _PETITION),
        "POST /v1/petitions/{petition_id}/review": _to(_CARRIERS, _PETITION),
        "POST /v1/petitions/{petition_id}/review/answer": _to(_CARRIERS, _PETITION),
        "POST /v1/petitions/{petition_id}/recheck": _to(_CARRIERS, _PETITION),
        "POST /v1/petitions/{petition_id}/recheck/answer": _to(_CARRIERS, _PETITION),
        "POST /v1/cases/{case_id}/documents/{kind}": _to(_CENTRE, _CASE),
        "GET /v1/advice": EVERYBODY,
        "GET /v1/workload": _to(_CENTRE | {"supervisor"}),
        "GET /v1/statistics": _to(_CENTRE | {"supervisor"}),
    },
    "notify": OPERATIONS
    | {
        "GET /v1/revisits": _to(_REVISITS),
        "GET /v1/revisits/{revisit_id}": _to(_REVISITS),
        "POST /v1/revisits/{revisit_id}/attempts": _to({"revisitor"}),
        "POST /v1/revisits/{revisit_id}/record": _to({"revisitor"}),
        "GET /v1/revisits/{revisit_id}/comment": _to({"revisitor", "supervisor", "reviewer"}),
        "POST /v1/revisits/{revisit_id}/app-answer": _to({"partner"}),
        "GET /v1/revisit-reasons": EVERYBODY,
        "GET /v1/queues": _to(_CALLING),
        "GET /v1/queues/{name}": _to(_CALLING),
        "POST /v1/queues/{name}/next": _to(_CALLING),
        **_claims(_UNDELIVERED),
        "GET /v1/deliveries": _to(_DELIVERIES),
        "GET /v1/deliveries/{delivery_id}": _to(_DELIVERIES),
        "POST /v1/deliveries/{delivery_id}/handle": _to(_UNDELIVERED),
        "POST /v1/deliveries/{delivery_id}/resend": _to(_UNDELIVERED),
        "GET /v1/undelivered": _to(_UNDELIVERED),
        "POST /v1/undelivered/next": _to(_UNDELIVERED),
        "GET /v1/templates": _to({"agent", "revisitor", "supervisor", "admin"}),
        "GET /v1/templates/{name}/preview": _to({"agent", "revisitor", "supervisor", "admin"}),
        "GET /v1/subscriptions": _to(_PARTNERS),
        "GET /v1/subscriptions/{subscription_id}": _to(_PARTNERS, _SUBSCRIPTION),
        "GET /v1/subscriptions/{subscription_id}/callbacks": _to(_PARTNERS, _SUBSCRIPTION),
        "POST /v1/subscriptions": _to({"partner"}, _NOWHERE),
        "POST /v1/subscriptions/{subscription_id}/move": _to({"partner"}, _SUBSCRIPTION),
        "POST /v1/subscriptions/{subscription_id}/rotate-secret": _to({"partner"}, _SUBSCRIPTION),
        "POST /v1/subscriptions/{subscription_id}/pause": _to(_PARTNERS, _SUBSCRIPTION),
        "POST /v1/subscriptions/{subscription_id}/resume": _to({"partner"}, _SUBSCRIPTION),
        "POST /v1/subscriptions/{subscription_id}/replay": _to({"partner"}, _SUBSCRIPTION),
        "POST /v1/subscriptions/{subscription_id}/delete": _to(_PARTNERS, _SUBSCRIPTION),
        "POST /v1/subscriptions/{subscription_id}/ping": _to({"partner"}, _SUBSCRIPTION),
    },
}

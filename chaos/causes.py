"""What one service must have done because of what another one said: exactly once, and nothing else."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from chaos.history import Event

Effect = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """``causes`` gives the effects that an event must have, ``effect`` what an event is the effect of."""

    name: str
    causes: Callable[[Event], Iterable[Effect]]
    effect: Callable[[Event], Effect | None]


def _is(event: Event, name: str) -> bool:
    return event.type == f"qingcheng.{name}.v1"


def _orders(event: Event) -> Iterator[Effect]:
    if _is(event, "intake.issue.accepted"):
        yield (event.id,)


def _order_of(event: Event) -> Effect | None:
    return (event.data["issue_id"],) if _is(event, "router.order.opened") else None


def _call_backs(event: Event) -> Iterator[Effect]:
    if _is(event, "router.order.completed"):
        for appeal in event.data["appeals"]:
            yield event.id, appeal, str(event.data["round"])
    if _is(event, "router.order.late_caller_joined"):
        yield event.id, event.data["appeal_id"], str(event.data["round"])


def _call_back_of(event: Event) -> Effect | None:
    if not _is(event, "notify.revisit.opened"):
        return None
    return event.data["order_id"], event.data["appeal_id"], str(event.data["round"])


TOLD = (
    *(f"intake.issue.{name}" for name in ("accepted", "declined", "objection_rejected", "merged", "reopened")),
    *("router.order.dispatched", "router.order.completed"),
    *(f"mediation.petition.{name}" for name in ("accepted", "not_accepted", "guided_away", "extended")),
    *(f"mediation.petition.{name}" for name in ("opinion_issued", "review_answered", "recheck_answered")),
)


def _messages(event: Event) -> Iterator[Effect]:
    if any(_is(event, name) for name in TOLD):
        for appeal in event.data["appeals"]:
            yield event.event_id, appeal


def _message_of(event: Event) -> Effect | None:
    if not _is(event, "notify.delivery.created") or event.data["template"] == SURVEY:
        return None
    return event.data["cause"], event.data["appeal_id"]


SURVEY = "answer_survey"
"""What somebody is told whose direct answer is in the sample; which are, notify decides."""


def _sampled(event: Event) -> Iterator[Effect]:
    if _is(event, "notify.revisit.answer_opened"):
        yield (event.data["appeal_id"],)


def _survey_of(event: Event) -> Effect | None:
    is_survey = _is(event, "notify.delivery.created") and event.data["template"] == SURVEY
    return (event.data["appeal_id"],) if is_survey else None


def _answers(event: Event) -> Iterator[Effect]:
    if _is(event, "notify.revisit.recorded") or _is(event, "notify.revisit.unreached"):
        yield event.data["order_id"], event.data["appeal_id"], str(event.data["round"])


def _answer_of(event: Event) -> Effect | None:
    if not _is(event, "router.order.revisit_noted"):
        return None
    return event.id, event.data["appeal_id"], str(event.data["round"])


def _cases(event: Event) -> Iterator[Effect]:
    if _is(event, "router.order.referred") and event.data.get("to") is None:
        yield event.data["case_id"], event.id


def _case_of(event: Event) -> Effect | None:
    return (event.id, event.data["order_id"]) if _is(event, "mediation.case.registered") else None


def _petitions(event: Event) -> Iterator[Effect]:
    if _is(event, "router.order.referred") and event.data.get("to") == "petition_proxy":
        yield event.data["case_id"], event.id


def _petition_of(event: Event) -> Effect | None:
    by_order = _is(event, "mediation.petition.requested") and event.data["origin"] == "order"
    return (event.id, event.data["order_id"]) if by_order else None


def _outcomes(event: Event) -> Iterator[Effect]:
    names = ("agreed", "failed", "terminated", "referred_out")
    if any(_is(event, f"mediation.case.{name}") for name in names) and event.data["order_id"]:
        yield event.data["order_id"], event.id
    ended = ("opinion_issued", "resolved_locally", "guided_away", "not_accepted", "withdrawn")
    if any(_is(event, f"mediation.petition.{name}") for name in ended) and event.data["order_id"]:
        yield event.data["order_id"], event.id


def _outcome_of(event: Event) -> Effect | None:
    if _is(event, "router.order.returned_from_mediation"):
        return event.id, event.data["case_id"]
    if _is(event, "router.order.result_submitted") and event.data["source"] != "unit":
        return event.id, event.data["result_id"]
    return None


def _settled(event: Event) -> Iterator[Effect]:
    dropped = _is(event, "router.whistle.cancelled") and event.data["reason"] == "discarded" and event.data["order_id"]
    if _is(event, "router.whistle.closed") or dropped:
        yield event.data["order_id"], event.id


def _settled_of(event: Event) -> Effect | None:
    return (event.id, event.data["whistle_id"]) if _is(event, "router.order.whistle_settled") else None


def _closed(event: Event) -> Iterator[Effect]:
    if _is(event, "router.order.closed"):
        yield event.data["issue_id"], event.id


def _closed_of(event: Event) -> Effect | None:
    return (event.id, event.data["order_id"]) if _is(event, "intake.issue.closed") else None


def _reminders(event: Event) -> Iterator[Effect]:
    if _is(event, "intake.issue.followed_up") and event.data["follow_up"] == "reminder":
        yield event.data["appeal_id"], event.data["follow_up_id"]


def _reminder_of(event: Event) -> Effect | None:
    if not _is(event, "router.order.reminded"):
        return None
    return event.data["appeal_id"], event.data["reminder_id"]


RULES = (
    Rule("order of an accepted issue", _orders, _order_of),
    Rule("call-back of a completed order", _call_backs, _call_back_of),
    Rule("message to a caller", _messages, _message_of),
    Rule("survey of a sampled answer", _sampled, _survey_of),
    Rule("caller's answer at the order", _answers, _answer_of),
    Rule("case of a referred order", _cases, _case_of),
    Rule("petition of a referred order", _petitions, _petition_of),
    Rule("outcome of a case or petition at its order", _outcomes, _outcome_of),
    Rule("end of a whistle at its order", _settled, _settled_of),
    Rule("end of an order at its issue", _closed, _closed_of),
    Rule("reminder at the order", _reminders, _reminder_of),
)


def effects(events: Iterable[Event]) -> Iterator[tuple[str, Effect, int, int]]:
    """Rule, effect, how often it should be there and how often it is, wherever the two differ."""
    found = list(events)
    for rule in RULES:
        due = Counter(effect for event in found for effect in rule.causes(event))
        there = Counter(effect for event in found if (effect := rule.effect(event)) is not None)
        for effect in sorted(due.keys() | there.keys()):
            if due[effect] != there[effect]:
                yield rule.name, effect, due[effect], there[effect]

"""What states must follow from the topics, worked out apart from the services: a fold of events per subject.

It knows of each aggregate what an outsider can learn from the contracts: status, and what is counted.
"""

from collections.abc import Callable, Sequence
from typing import Any

Json = dict[str, Any]
Happened = tuple[str, Json]
"""Last words of an event's type (``signed``), and its data."""
Fold = Callable[[Sequence[Happened]], Json]

ISSUE = {
    "registered": "registered",
    "transferred": "transferred",
    "answered": "answered",
    "decline_proposed": "decline_review",
    "decline_refused": "registered",
    "declined": "declined",
    "accepted": "accepted",
    "closed": "closed",
    "transfer_refused": "registered",
    "objection_raised": "objection_review",
    "objection_rejected": "declined",
    "withdrawn": "withdrawn",
    "merged": "merged",
    "unmerged": "accepted",
    "reopened": "accepted",
}
REVISIT = {"opened": "open", "recorded": "recorded", "unreached": "unreached"}
DELIVERY = {
    "created": "created",
    "scheduled": "scheduled",
    "sending": "sending",
    "delivered": "delivered",
    "temporarily_failed": "temporary_failure",
    "failed": "failed",
}
WHISTLE = {
    "drafted": "draft",
    "blown": "blown",
    "blown_without_order": "blown",
    "closed": "closed",
    "closed_without_order": "closed",
    "cancelled": "cancelled",
}
CASE = {
    "registered": "registered",
    "referred_out": "referred",
    "consent_requested": "consent_pending",
    "terminated": "terminated",
    "accepted": "accepted",
    "mediator_assigned": "mediator_assigned",
    "session_held": "in_mediation",
    "failed": "failed",
    "guided": "guided",
    "confirmation_requested": "confirmation_pending",
    "confirmed": "confirmed",
    "not_confirmed": "not_confirmed",
    "performed": "performed",
    "breached": "breached",
    "revisited": "revisited",
    "archived": "archived",
}
PETITION = {
    "requested": "requested",
    "authorised": "authorised",
    "guided_away": "guided",
    "registered": "registered",
    "resolved_locally": "resolved_locally",
    "submitted": "submitted",
    "routed": "routed",
    "accepted": "accepted",
    "not_accepted": "not_accepted",
    "handling_began": "handling",
    "opinion_issued": "opinion_issued",
    "review_requested": "review",
    "review_answered": "opinion_issued",
    "recheck_requested": "recheck",
    "recheck_answered": "opinion_issued",
    "feedback_given": "feedback",
    "revisited": "revisited",
    "archived": "archived",
    "withdrawn": "withdrawn",
}
DUTY_STEPS = {"signed": "to_handle", "result_submitted": "submitted"}
ENDED = {
    "issue": {"closed", "answered", "declined", "transferred", "withdrawn", "merged"},
    "order": {"closed"},
    "whistle": {"closed", "cancelled"},
    "case": {"referred", "terminated", "archived"},
    "petition": {"guided", "archived", "withdrawn"},
    "revisit": {"recorded", "unreached"},
    "delivery": {"delivered", "failed"},
}
"""Statuses in which nothing has a deadline any more."""


def _last(statuses: dict[str, str]) -> Fold:
    def fold(events: Sequence[Happened]) -> Json:
        return {"status": [statuses[name] for name, _ in events if name in statuses][-1]}

    return fold


def _issue(events: Sequence[Happened]) -> Json:
    appeals = [data["appeal_id"] for name, data in events if name in ("registered", "appeal_added")]
    return {**_last(ISSUE)(events), "appeals": [{"id": appeal} for appeal in appeals]}


def _revisit(events: Sequence[Happened]) -> Json:
    told = [(name.removeprefix("answer_"), data) for name, data in events]  # of a direct answer, which has no order
    return {**_last(REVISIT)(told), "attempts": sum(name == "attempted" for name, _ in told)}


def _delivery(events: Sequence[Happened]) -> Json:
    return {**_last(DELIVERY)(events), "attempt": sum(name == "sending" for name, _ in events)}


def _recipient(events: Sequence[Happened]) -> Json:
    day = max(data["day"] for _, data in events)
    return {"day": day, "counted": [data["delivery_id"] for _, data in events if data["day"] == day]}


def _case(events: Sequence[Happened]) -> Json:
    status = ""
    for name, data in events:
        status = f"agreed_{data['form']}" if name == "agreed" else CASE.get(name, status)
    given = [data["party_id"] for name, data in events if name == "consent_given"]
    return {"status": status, "consented": given, "sessions": sum(name == "session_held" for name, _ in events)}


def _petition(events: Sequence[Happened]) -> Json:
    """The first naming of a proxy is a step, a later one is not."""
    status = ""
    for name, data in events:
        first = name == "assigned" and data["local_due"] is not None
        status = "assigned" if first else PETITION.get(name, status)
    return {"status": status}


def _order(events: Sequence[Happened]) -> Json:
    order: Json = {"status": "", "reworks": 0, "round": 0, "reminders": 0, "open_whistles": []}
    signed: set[str] = set()
    steps: dict[str, str] = {}
    case: str | None = None
    for name, data in events:
        match name:
            case "dispatched":
                steps = {duty["unit"]: "to_sign" for duty in data["obligations"]}
            case "signed":
                signed.add(data["unit"])
                steps[data["unit"]] = "to_handle" if steps[data["unit"]] == "to_sign" else steps[data["unit"]]
            case "result_submitted":
                steps[data["unit"]], case = "submitted", None
            case "reworked" | "returned_for_rework":
                steps = {unit: "to_handle" if unit in signed else "to_sign" for unit in steps}
                order["reworks"] += name == "reworked"
            case "referred":
                case = data["case_id"]
            case "returned_from_mediation":
                case = None
            case "whistle_blown":
                order["open_whistles"].append(data["whistle_id"])
            case "whistle_settled":
                order["open_whistles"].remove(data["whistle_id"])
            case "completed":
                order["round"] = data["round"]
            case "reminded":
                order["reminders"] += 1
        order["status"] = _order_status(name, order["status"], steps, case)
    return {**order, "case_id": case}


def _order_status(name: str, before: str, steps: dict[str, str], case: str | None) -> str:
    fixed = {"opened": "pending_dispatch", "completed": "pending_revisit", "closed": "closed"}
    if name in fixed:
        return fixed[name]
    if before in ("pending_revisit", "closed") and name != "reworked":
        return before
    if case is not None:
        return "in_mediation"
    if not steps:
        return before
    least = min(steps.values(), key=["to_sign", "to_handle", "submitted"].index)
    return {"to_sign": "pending_sign", "to_handle": "in_progress", "submitted": "close_review"}[least]


FOLDS: dict[str, Fold] = {
    "issue": _issue,
    "order": _order,
    "whistle": _last(WHISTLE),
    "case": _case,
    "petition": _petition,
    "revisit": _revisit,
    "delivery": _delivery,
    "recipient": _recipient,
}


def differences(expected: Json, state: Json) -> list[str]:
    """What of a state is not as the fold says; of a list's items only what the fold knows of them counts."""
    return [
        f"{name} is {state.get(name)!r}, should be {value!r}"
        for name, value in expected.items()
        if not _same(value, state.get(name))
    ]


def _same(expected: Any, found: Any) -> bool:
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(_same, expected, found))
    if isinstance(expected, dict) and isinstance(found, dict):
        return all(_same(value, found.get(name)) for name, value in expected.items())
    return bool(expected == found)

"""How an order is handled and comes to its end: contact, result, review, call-back, perhaps once more, closed."""

from load.staff import Person
from load.walk import Walk
from load.wire import Json

UNSOLVED_ONE_IN = 10  # callers who say no the first time: 重办
CONTENT: Json = {"contacted": True, "in_time": True, "resolution": "yes", "satisfaction": "satisfied"}
NOT_CONTENT: Json = {
    "contacted": True,
    "in_time": True,
    "resolution": "no",
    "satisfaction": "dissatisfied",
    "reason_class": "unit_work",
}
PAGES: tuple[tuple[str, str, str, str, dict[str, str]], ...] = (
    ("supervisor", "router", "/v1/orders", "router list supervised", {"queue": "supervised", "count": "true"}),
    ("supervisor", "router", "/v1/orders", "router list problems", {"queue": "problem"}),
    ("supervisor", "router", "/v1/whistles", "router list whistles", {"count": "true"}),
    ("supervisor", "intake", "/v1/issues", "intake list overdue", {"overdue": "true", "sort": "due"}),
    ("supervisor", "mediation", "/v1/cases", "mediation list", {}),
    ("supervisor", "notify", "/v1/revisits", "notify list overdue", {"queue": "overdue"}),
    ("agent", "notify", "/v1/deliveries", "notify list messages", {"status": "failed"}),
)
"""What is open on somebody's screen: role, service, path, name, query."""


def contacted(walk: Walk, order: Json, handler: Person) -> None:
    """联系: look each caller's number up, call, note that it was done."""
    # Intake shows an issue to a unit when it has heard that the order is theirs.
    walk.until(handler, "intake", f"/v1/issues/{walk.issue}", "intake issue", lambda _: True)
    for appeal in order["appeals"]:
        _reveal(walk, handler, appeal, "handling")
    path = f"/v1/orders/{order['id']}/contact"
    walk.post(handler, "router", path, "router contact", {"visit": walk.one_in(2)})


def submitted(walk: Walk, order: Json, handler: Person) -> None:
    """提交办理结果."""
    walk.get(handler, "router", "/v1/orders", "router list to handle", queue="handle")
    result = {"text": "已现场核实并办理完毕，结果已告知诉求人。"}
    walk.post(handler, "router", f"/v1/orders/{order['id']}/submit", "router submit", result)


def ended(walk: Walk, order: Json, handlers: list[Person], agent: Person) -> None:
    """审核, 回访, perhaps 重办, and what the citizen sees at last."""
    callers = len(order["appeals"])
    if _reviewed(walk, order, callers, unsolved=walk.one_in(UNSOLVED_ONE_IN)):
        path = f"/v1/orders/{order['id']}"
        again = walk.until(handlers[0], "router", path, "router order", lambda found: found["reworks"] == 1)
        walk.waited("call-back to rework")
        for handler in handlers:
            contacted(walk, again, handler)
            submitted(walk, again, handler)
        _reviewed(walk, again, 1, unsolved=False)
    path = f"/v1/issues/{walk.issue}"
    walk.until(agent, "intake", path, "intake issue", lambda found: found["status"] == "closed")
    walk.waited("call-back to closed")
    walk.get(agent, "intake", f"{path}/timeline", "intake timeline")
    role, service, page, name, query = walk.dice.choice(PAGES)
    walk.get(walk.any(role), service, page, name, **query)


def _reviewed(walk: Walk, order: Json, callers: int, *, unsolved: bool) -> bool:
    """Pass the review and call everybody back; the first one says no if it is ``unsolved``, which is returned."""
    reviewer, revisitor, id_ = walk.any("reviewer"), walk.any("revisitor"), order["id"]
    path = f"/v1/orders/{id_}"
    walk.until(  # a mediated order comes here by an event
        reviewer, "router", path, "router order", lambda found: found["status"] == "close_review"
    )
    walk.get(reviewer, "router", "/v1/orders", "router list to review", queue="review")
    walk.post(reviewer, "router", f"{path}/review", "router review", {"passed": True})
    page = walk.until(
        revisitor,
        "notify",
        "/v1/revisits",
        "notify call-backs of order",
        lambda found: len(found["items"]) == callers,
        order_id=id_,
        status="open",
    )
    walk.waited("review to call-back")
    walk.get(revisitor, "notify", "/v1/revisits", "notify list open", queue="open")
    for place, revisit in enumerate(page["items"]):
        _reveal(walk, revisitor, revisit["appeal_id"], "revisit")
        said = NOT_CONTENT if unsolved and place == 0 else CONTENT
        walk.post(revisitor, "notify", f"/v1/revisits/{revisit['id']}/record", "notify record", said)
    return unsolved


def _reveal(walk: Walk, who: Person, appeal: str, purpose: str) -> None:
    """See a caller's number, on the record."""
    path = f"/v1/issues/{walk.issue}/appeals/{appeal}/reveal"
    walk.post(who, "intake", path, "intake reveal", {"purpose": purpose})

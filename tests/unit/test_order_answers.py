"""What is shown of an order that its state does not say by itself."""

from services.router import reference_tables
from services.router.api_answers import order_answer
from services.router.order_commands import Contact, Refer, SettleByMediation
from tests.unit.order_life import CASE, ISSUE, LIMITS, STREET, Life, at, signed

REFERENCE = reference_tables.build("v1", reference_tables.read(reference_tables.DIRECTORY))


def overdue(life: Life) -> bool:
    answer = order_answer(ISSUE, 1, life.order, REFERENCE, LIMITS.calendar, life.now)
    return answer.obligations[0].contact_overdue


def test_a_caller_who_was_not_contacted_in_time_is_seen_until_somebody_calls() -> None:
    life = signed()
    assert not overdue(life)
    assert overdue(life.due(f"contact:{STREET}"))
    assert not overdue(life.do(Contact(STREET, False, "U1"), now=at("03T18:00")))
    settled = signed().do(Refer(CASE, STREET, "U1")).due(f"contact:{STREET}")
    assert overdue(settled)
    assert not overdue(settled.do(SettleByMediation(CASE))), "a result ends it too"

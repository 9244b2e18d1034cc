"""What is shown of an order that its state does not say by itself."""

from datetime import datetime

from services.router import reference_tables
from services.router.api_answers import order_answer
from services.router.order_commands import Contact
from tests.unit.order_life import ISSUE, LIMITS, STREET, Life, at, signed, work

REFERENCE = reference_tables.build("v1", reference_tables.read(reference_tables.DIRECTORY))


def overdue(life: Life, now: datetime) -> bool:
    answer = order_answer(ISSUE, 1, life.order, REFERENCE, LIMITS.calendar, now)
    return answer.obligations[0].contact_overdue


def test_a_caller_who_was_not_contacted_in_time_is_seen_until_somebody_calls() -> None:
    life = signed()
    due = life.duty().contact_due
    assert (overdue(life, due), overdue(life, at("03T18:00"))) == (False, True)
    assert not overdue(life.do(Contact(STREET, False, "U1"), now=at("03T18:00")), at("04T18:00"))
    assert not overdue(work(signed()), at("04T18:00"))

"""A command that is made of what the one before it has left, in one transaction."""

from collections.abc import Sequence

from chassis.aggregate import After, To, Written
from chassis.session import Session, Snapshot
from chassis.work import Work
from services.router.order_commands import Open, Sign
from services.router.order_state import Status
from tests.unit.order_life import ISSUE, MONDAY, ORDERS, STREET, opened, opening

FIRST, SECOND = (f"01900000-0000-7000-8000-00000000001{n}" for n in (1, 2))


async def test_a_command_sees_what_the_one_before_it_has_left() -> None:
    seen: list[Written] = []

    def follow(written: Sequence[Written]) -> Open:
        seen.extend(written)
        return opening()

    session = Session(
        {
            (ORDERS.table, FIRST): Snapshot(ORDERS, 2, opened().order, None),
            (ORDERS.table, SECOND): Snapshot(ORDERS, 0, ORDERS.initial, None),
        },
        MONDAY,
    )
    work = Work([To(ORDERS, FIRST, Sign(STREET, "U1")), To(ORDERS, SECOND, After(follow))], "U1", "once")
    written = session.run(work, None, None)
    assert [(one.id, one.version, one.state.status) for one in seen] == [(FIRST, 3, Status.IN_PROGRESS)]
    assert (written[1].version, written[1].state.issue_id) == (2, ISSUE)

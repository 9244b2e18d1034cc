"""The order and the whistle as the chassis runs them."""

from dataclasses import fields

from chassis.aggregate import Aggregate
from chassis.limits import Limits
from services.router import order_commands, whistle, whistle_commands, work_order
from services.router.clock import LimitsClock
from services.router.order_commands import Context, Counts
from services.router.whistle import Whistle
from services.router.whistle_scores import OF_DEPARTMENT, OF_STREET, Formula
from services.router.work_order import WorkOrder

Orders = Aggregate[WorkOrder, order_commands.Command, Context]
Whistles = Aggregate[Whistle, whistle_commands.Command, whistle_commands.Context]


def orders(limits: Limits) -> Orders:
    """工单, measured by ``limits``."""
    clock = LimitsClock(limits)
    counts = Counts(**{field.name: limits.count(field.name) for field in fields(Counts)})
    return Aggregate(
        name="order",
        table="orders",
        state=WorkOrder,
        decide=work_order.decide,
        evolve=work_order.evolve,
        deadlines=work_order.deadlines,
        on_deadline=order_commands.DeadlineReached,
        issue_id=lambda _, order: order.issue_id,
        context=lambda _, now: Context(now, clock, counts),
    )


def whistles(limits: Limits) -> Whistles:
    """哨声, measured and scored by ``limits``."""
    clock = LimitsClock(limits)
    formula = Formula(
        version=f"whistle-v{limits.count('whistle_formula')}",
        weights={name: limits.ratio(f"whistle_weight_{name}") for name in (*OF_DEPARTMENT, *OF_STREET)},
        solved_from=limits.count("whistle_solved"),
    )
    return Aggregate(
        name="whistle",
        table="whistles",
        state=Whistle,
        decide=whistle.decide,
        evolve=whistle.evolve,
        deadlines=whistle.deadlines,
        on_deadline=whistle_commands.DeadlineReached,
        issue_id=lambda _, state: state.issue_id,
        context=lambda _, now: whistle_commands.Context(now, clock, formula),
    )

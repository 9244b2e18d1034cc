"""The aggregates of this service, as the chassis runs them."""

from datetime import datetime

from chassis.aggregate import Aggregate
from chassis.limits import Limits
from services.intake import caller_list
from services.intake.caller_list import Caller
from services.intake.issue import deadlines, decide, evolve
from services.intake.issue_commands import Command, DeadlineReached
from services.intake.issue_model import Context, Issue

Issues = Aggregate[Issue, Command, Context]
Callers = Aggregate[Caller, caller_list.Command, caller_list.Context]


def issues(limits: Limits) -> Issues:
    """诉求事项, measured by ``limits``."""

    def context(_: str, now: datetime) -> Context:
        return Context(now, lambda name: limits.due(name, now))

    return Aggregate(
        name="issue",
        table="issues",
        state=Issue,
        decide=decide,
        evolve=evolve,
        deadlines=deadlines,
        on_deadline=DeadlineReached,
        issue_id=lambda id_, _: id_,
        context=context,
    )


def callers(limits: Limits) -> Callers:
    """黑名单, 白名单, by appellant id; a caller has no issue, so that their events are keyed by their own id."""

    def context(_: str, now: datetime) -> caller_list.Context:
        return caller_list.Context(now, lambda name: limits.due(name, now))

    return Aggregate(
        name="caller",
        table="callers",
        state=Caller,
        decide=caller_list.decide,
        evolve=caller_list.evolve,
        deadlines=caller_list.deadlines,
        on_deadline=caller_list.DeadlineReached,
        issue_id=lambda id_, _: id_,
        context=context,
    )

"""The aggregate of this service, as the chassis runs it."""

from datetime import datetime

from chassis.aggregate import Aggregate
from chassis.limits import Limits
from services.intake.issue import deadlines, decide, evolve
from services.intake.issue_commands import Command, DeadlineReached
from services.intake.issue_model import Context, Issue

Issues = Aggregate[Issue, Command, Context]


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

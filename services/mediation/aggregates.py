"""The case as the chassis runs it."""

from chassis.aggregate import Aggregate
from chassis.limits import Limits
from services.mediation.case import deadlines, decide, evolve
from services.mediation.case_course import CaseCommand
from services.mediation.case_model import Case, Context, DeadlineReached

Cases = Aggregate[Case, CaseCommand, Context]


def cases(limits: Limits) -> Cases:
    """调解案件, measured by ``limits``."""
    return Aggregate(
        name="case",
        table="cases",
        state=Case,
        decide=decide,
        evolve=evolve,
        deadlines=deadlines,
        on_deadline=DeadlineReached,
        issue_id=lambda _, case: case.issue_id,
        context=lambda id_, now: Context(id_, now, limits.due),
    )

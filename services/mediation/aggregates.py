"""The case and the petition as the chassis runs them."""

from chassis.aggregate import Aggregate
from chassis.limits import Limits
from services.mediation.case import deadlines, decide, evolve
from services.mediation.case_course import CaseCommand
from services.mediation.case_model import Case, Context, DeadlineReached
from services.mediation.petition import decide as decide_petition
from services.mediation.petition_commands import Command as PetitionCommand
from services.mediation.petition_commands import DeadlineReached as PetitionDeadlineReached
from services.mediation.petition_evolve import deadlines as petition_deadlines
from services.mediation.petition_evolve import evolve as evolve_petition
from services.mediation.petition_model import Context as PetitionContext
from services.mediation.petition_model import Petition

Cases = Aggregate[Case, CaseCommand, Context]
Petitions = Aggregate[Petition, PetitionCommand, PetitionContext]


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


def petitions(limits: Limits) -> Petitions:
    """信访代办, measured by ``limits``."""
    most_representatives = limits.count("petition_representatives")
    return Aggregate(
        name="petition",
        table="petitions",
        state=Petition,
        decide=decide_petition,
        evolve=evolve_petition,
        deadlines=petition_deadlines,
        on_deadline=PetitionDeadlineReached,
        issue_id=lambda _, petition: petition.issue_id,
        context=lambda id_, now: PetitionContext(id_, now, limits.due, most_representatives),
    )

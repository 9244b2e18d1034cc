"""Who may do what in mediation, and how their commands are sent."""

from typing import Annotated, Any

from fastapi import APIRouter

from chassis.aggregate import To
from chassis.errors import problems
from chassis.http_commands import Commands
from chassis.security import Actor, actor_with
from services.mediation.aggregates import Cases
from services.mediation.api_answers import CaseAnswer
from services.mediation.case_course import CaseCommand
from services.mediation.case_model import Staff

CLERK, MEDIATOR, SUPERVISOR = "centre_clerk", "mediator", "supervisor"

Clerk = Annotated[Actor, actor_with(CLERK)]
Mediator = Annotated[Actor, actor_with(MEDIATOR)]
Centre = Annotated[Actor, actor_with(CLERK, MEDIATOR)]
Reader = Annotated[Actor, actor_with(CLERK, MEDIATOR, SUPERVISOR)]
Telling = Annotated[Actor, actor_with("service")]
"""Another service, that tells parties something in the centre's name."""
OFFICES = ("agent", "county_leader", "dispatcher", "panel", "reviewer", "revisitor", "street_leader", "unit_handler")
"""Whoever sits in another office: they find the case whose code they were told, and see no list."""
Finder = Annotated[Actor, actor_with(CLERK, MEDIATOR, SUPERVISOR, *OFFICES)]


def staff(actor: Actor) -> Staff:
    """The actor as the rules see him."""
    return Staff(actor.id, CLERK in actor.roles)


def scope(actor: Actor, code: str | None = None) -> str | None:
    """The mediator who sees no cases but his own; None for whoever sees all, or knows the case's ``code`` 一案一码."""
    if code is not None:
        return None
    if not actor.roles & {CLERK, MEDIATOR, SUPERVISOR}:
        return ""
    return None if actor.roles & {CLERK, SUPERVISOR} else actor.id


class CaseRoutes:
    """POST routes of cases: each is one command, and answers the case as that left it."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self.router = APIRouter(prefix="/v1/cases", tags=["cases 调解案件"])

    def _route(self, path: str, route: Any, summary: str, status: int = 200) -> None:
        refusals = problems(404, 409, 412) if path else problems(409)
        self.router.add_api_route(
            path, route, methods=["POST"], summary=summary, status_code=status, responses=refusals
        )

    async def _do(
        self, commands: Commands, case_id: str, command: CaseCommand, private: dict[str, str] | None = None
    ) -> CaseAnswer:
        written = await commands.execute(To(self._cases, case_id, command, private or {}))
        return CaseAnswer.of(written.id, written.version, written.state)

"""Who may do what with petitions 信访代办, and how their commands are sent."""

from typing import Annotated, Any

from fastapi import APIRouter

from chassis.aggregate import To
from chassis.errors import problems
from chassis.http_commands import Commands
from chassis.security import Actor, actor_with
from services.mediation.aggregates import Petitions
from services.mediation.api_petition_answers import PetitionAnswer
from services.mediation.api_staff import CLERK, SUPERVISOR
from services.mediation.petition_commands import Command

PROXY = "petition_proxy"
"""代办员: the role of whoever carries petitions."""

Carrier = Annotated[Actor, actor_with(CLERK, PROXY)]
PetitionReader = Annotated[Actor, actor_with(CLERK, PROXY, SUPERVISOR)]


def petition_scope(actor: Actor) -> str | None:
    """The proxy who sees no petitions but their own; None for whoever sees all."""
    return None if actor.roles & {CLERK, SUPERVISOR} else actor.id


class PetitionRoutes:
    """POST routes of petitions: each is one command, and answers the petition as that left it."""

    def __init__(self, petitions: Petitions) -> None:
        self._petitions = petitions
        self.router = APIRouter(prefix="/v1/petitions", tags=["petitions 信访代办"])

    def _route(self, path: str, route: Any, summary: str, status: int = 200) -> None:
        refusals = problems(404, 409, 412) if path else problems(409)
        self.router.add_api_route(
            path, route, methods=["POST"], summary=summary, status_code=status, responses=refusals
        )

    async def _do(
        self,
        commands: Commands,
        petition_id: str,
        command: Command,
        private: dict[str, str] | None = None,
        also: tuple[To, ...] = (),
    ) -> PetitionAnswer:
        written = await commands.execute(To(self._petitions, petition_id, command, private or {}), *also)
        return PetitionAnswer.of(written.id, written.version, written.state)

"""The sample as a whole service: ``python -m tests.integration.chassis.sample_service serve``."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter

from chassis.aggregate import To
from chassis.cli import main
from chassis.http_commands import Commands
from chassis.requests import Body
from chassis.security import Actor, actor_with
from chassis.service import Parts, Runtime, Service
from chassis.settings import Settings
from contracts.codes import Id
from tests.integration.chassis.sample import (
    Accept,
    Break,
    Close,
    Command,
    FollowUp,
    Register,
    issues,
    orders,
    reactions,
)

router = APIRouter(prefix="/v1/issues")
Agent = Annotated[Actor, actor_with("agent")]
COMMANDS: dict[str, Callable[[], Command]] = {
    "register": Register,
    "follow-up": FollowUp,
    "accept": Accept,
    "close": Close,
    "break": Break,
}


class Ask(Body):
    """Any body."""

    note: str = ""


@router.post("/{issue_id}/{command}")
async def ask(issue_id: Id, command: str, body: Ask, actor: Agent, commands: Commands) -> dict[str, Any]:
    """Send a command."""
    private = {"note": body.note} if body.note else {}
    written = await commands.execute(To(issues, issue_id, COMMANDS[command](), private))
    return {"id": written.id, "version": written.version, "follow_ups": written.state.follow_ups}


class SampleSettings(Settings):
    """Nothing more."""

    service_name: ClassVar[str] = "intake"


async def build(_: Runtime[SampleSettings]) -> Parts:
    """One service that is its own neighbour: it consumes what it publishes. It has a task that can be broken."""
    broken = asyncio.Event()
    fragile = APIRouter()

    async def task() -> None:
        await broken.wait()
        raise RuntimeError("broken on request")

    @fragile.post("/v1/task/break")
    async def break_task(_: Agent) -> None:
        broken.set()

    return Parts([issues, orders], reactions, [router, fragile], tasks={"fragile": task}, journal=True)


SERVICE = Service(
    name="intake",
    title="样例",
    settings=SampleSettings,
    topics=["intake.issues"],
    build=build,
    revisions=Path(__file__).parent / "migrations",
)

if __name__ == "__main__":
    main(SERVICE)

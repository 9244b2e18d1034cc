"""The shell commands and SQL of the README and the runbooks run, as they stand there, against running services.

`make demo` and `make test` are not run here: the demo has a test of its own, and this is part of the other.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaProducer

from stack.local import KEYS, LocalStack
from stack.supervisor import ENDPOINTS
from tests.e2e.api import ADMIN, Json
from tests.e2e.world import World
from tests.polling import eventually

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").rglob("*.md"))]
README = (ROOT / "README.md").read_text("utf-8")
RUNBOOKS = ROOT / "docs" / "runbooks"
SECONDS = 30.0


def blocks(document: Path, language: str) -> list[str]:
    """The fenced blocks of one language, without those that only show make targets."""
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```$", document.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [block for block in found if not block.startswith("make ")]


def named_routes(document: Path) -> set[str]:
    """The paths of what a document calls ``GET /…`` or ``POST /…``."""
    return set(re.findall(r"`(?:GET|POST) (/[^`? ]+)[^`]*`", document.read_text("utf-8")))


async def bash(folder: Path, *commands: str, **variables: str) -> str:
    """Run commands in ``folder`` as one script that stops at the first failure, and return what it prints."""
    done = await asyncio.to_thread(
        subprocess.run,
        ["bash", "-euo", "pipefail", "-c", "\n".join(commands)],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclass(frozen=True, slots=True)
class Shell:
    """A terminal in a folder that looks like a checkout in which `make up` was run."""

    folder: Path

    async def run(self, *commands: str, **variables: str) -> str:
        """Run commands as one script there."""
        return await bash(self.folder, *commands, **variables)


@pytest.fixture(scope="module")
def shell(world: World, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """In front of the run's services, with the files that `make up` leaves behind."""
    folder = tmp_path_factory.mktemp("checkout")
    state = folder / ".stack"
    state.mkdir()
    (folder / ".venv").symlink_to(sys.prefix)
    (state / KEYS).symlink_to(world.state / KEYS)
    LocalStack(world.around, world.fleet, world.children).endpoints().write(state / ENDPOINTS)
    return Shell(folder)


async def test_make_help_lists_every_target_that_the_readme_names() -> None:
    listed = await bash(ROOT, "make help")
    named = re.findall(r"(?:`|^)make ([a-z]+)", README, re.MULTILINE)
    assert set(named) <= set(re.findall(r"^make ([a-z]+) ", listed, re.MULTILINE))


def test_both_readmes_say_the_same_commands() -> None:
    assert blocks(ROOT / "README.md", "sh") == blocks(ROOT / "README.zh.md", "sh")


async def test_the_readmes_call_is_taken_accepted_and_dispatched(shell: Shell) -> None:
    *steps, timeline = blocks(ROOT / "README.md", "sh")
    printed = await shell.run(*steps, 'printf "\\n%s\\n%s\\n%s" "$INTAKE" "$TOKEN" "$ISSUE"')
    accepted, *values = printed.rsplit("\n", 3)
    assert json.loads(accepted)["status"] == "accepted"
    variables = dict(zip(("INTAKE", "TOKEN", "ISSUE"), values, strict=True))
    types: set[str] = set()

    async def told_by_all() -> bool:
        shown: dict[str, Any] = json.loads(await shell.run(timeline, **variables))
        types.update(entry["type"] for entry in shown["entries"])
        return {"qingcheng.router.order.dispatched.v1", "qingcheng.notify.delivery.delivered.v1"} <= types

    await eventually(told_by_all, seconds=SECONDS)
    assert {"qingcheng.intake.issue.registered.v1", "qingcheng.intake.issue.accepted.v1"} <= types


async def test_a_partner_registers_by_open311_as_its_page_says(shell: Shell) -> None:
    addresses, *_ = blocks(ROOT / "README.md", "sh")
    by_open311, keys = blocks(ROOT / "docs" / "open311.md", "sh")
    created, listed = (await shell.run(addresses, by_open311)).split("<?xml", 1)
    [request] = json.loads(created)
    assert request["service_request_id"] in listed
    assert "OPEN311_KEYS" in keys


async def test_a_dead_letter_is_listed_replayed_and_discarded(shell: Shell, world: World) -> None:
    look, give_up, fetch, replay, discard = blocks(RUNBOOKS / "dead-letter.md", "sh")

    async def letters(**query: Any) -> list[Json]:
        items: list[Json] = (await world.api.get(ADMIN, "router", "/v1/dead-letters", **query))["items"]
        return items

    async def set_aside() -> bool:
        return bool(await letters())

    assert await letters() == []
    await _publish_rubbish(world)
    await eventually(set_aside, seconds=SECONDS)
    await shell.run(fetch, replay)
    (letter,) = await letters()
    assert (letter["reason"], letter["attempts"]) == ("malformed", 2)
    await shell.run(fetch, discard)
    assert await letters() == []
    await _publish_rubbish(world)
    await eventually(set_aside, seconds=SECONDS)
    (second,) = await letters()
    shown = await shell.run(look, give_up, **world.fleet.environment("router"))
    assert "value: rubbish" in shown
    assert await letters() == []
    ends = {one["id"]: (one["resolution"], one["resolved_by"]) for one in await letters(unresolved=False, limit=200)}
    assert ends[letter["id"]] == ("discarded", "O001")
    assert (ends[second["id"]][0], ends[second["id"]][1].partition(":")[0]) == ("discarded", "cli")


async def _publish_rubbish(world: World) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=world.around.kafka, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(f"{world.prefix}intake.issues", b"rubbish")
    finally:
        await producer.stop()


async def test_the_gateway_can_be_told_to_fail(shell: Shell) -> None:
    (fail,) = blocks(RUNBOOKS / "sms-gateway-gone.md", "sh")
    try:
        assert json.loads(await shell.run(fail))["mode"] == "error"
    finally:
        await shell.run(fail.replace('"error"', '"ok"'))


@pytest.mark.parametrize("runbook", [path for path in DOCUMENTS if blocks(path, "sql")], ids=lambda path: path.stem)
async def test_the_runbooks_queries_run(world: World, runbook: Path) -> None:
    connection = await asyncpg.connect(world.fleet.database_url("mediation"))
    transaction = connection.transaction()
    await transaction.start()
    try:
        for query in blocks(runbook, "sql"):
            await connection.execute(query)
    finally:
        await transaction.rollback()
        await connection.close()


async def test_the_relays_lock_is_found_by_the_runbooks_query(world: World) -> None:
    connection = await asyncpg.connect(world.fleet.database_url("mediation"))
    try:
        holders = await connection.fetch(blocks(RUNBOOKS / "relay-stuck.md", "sql")[0])
    finally:
        await connection.close()
    assert [holder["application_name"] for holder in holders] == ["qingcheng"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
async def test_every_route_that_is_named_exists(world: World, document: Path) -> None:
    served: set[str] = set()
    async with httpx.AsyncClient() as http:
        for url in world.fleet.base_urls.values():
            served |= set((await http.get(f"{url}/openapi.json")).json()["paths"])
    assert named_routes(document) <= served

"""A whole service as a process: its doors, its readiness, its end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from contracts.codes import ClosingOutcome
from contracts.intake import IssueClosed
from stack.databases import create_database, drop_database
from tests.integration.chassis.sample import an_id
from tests.polling import eventually
from tests.running import Infrastructure, Running, running

MODULE = "tests.integration.chassis.sample_service"


@pytest.fixture(scope="module")
async def service(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Running]:
    async with running("intake", infrastructure, tmp_path_factory.mktemp("sample"), module=MODULE) as service:
        yield service


@pytest.fixture
async def agent(service: Running) -> AsyncGenerator[httpx.AsyncClient]:
    async with await service.client("agent") as client:
        yield client


async def ask(client: httpx.AsyncClient, issue: str, command: str, note: str = "", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(f"/v1/issues/{issue}/{command}", json={"note": note}, headers=named)


async def health(url: str) -> tuple[int, dict[str, Any]]:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{url}/readyz")
    return answer.status_code, answer.json()["checks"]


async def test_an_answer_carries_the_version_just_written(agent: httpx.AsyncClient) -> None:
    issue = an_id()
    registered = await ask(agent, issue, "register")
    assert (registered.status_code, registered.headers["etag"], registered.json()["version"]) == (200, '"1"', 1)
    followed = await ask(agent, issue, "follow-up", If_Match='"1"')
    assert (followed.headers["etag"], followed.json()["follow_ups"]) == ('"2"', 1)
    stale = await ask(agent, issue, "follow-up", If_Match='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "request.version_mismatch")
    assert stale.headers["etag"] == '"2"'


async def test_a_repeated_request_is_answered_from_memory(agent: httpx.AsyncClient) -> None:
    issue, key = an_id(), an_id()
    await ask(agent, issue, "register")
    first = await ask(agent, issue, "follow-up", Idempotency_Key=key)
    again = await ask(agent, issue, "follow-up", Idempotency_Key=key)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    other = await ask(agent, issue, "follow-up", "另一个请求体", Idempotency_Key=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")


async def test_refusals_and_defects_are_problems(agent: httpx.AsyncClient) -> None:
    unknown = await ask(agent, an_id(), "follow-up")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "issue.unknown")
    defect = await ask(agent, an_id(), "break")
    assert (defect.status_code, defect.json()["code"]) == (500, "service.internal_error")
    assert "a rule is broken" not in defect.text


async def test_operators_list_replay_and_discard_dead_letters(service: Running, agent: httpx.AsyncClient) -> None:
    issue = an_id()
    await service.publish((issue, 1, issue, IssueClosed(order_id=issue, outcome=ClosingOutcome.RESOLVED)))
    async with await service.client("admin", sub="admin-1") as admin:

        async def listed() -> list[dict[str, Any]]:
            items: list[dict[str, Any]] = (await admin.get("/v1/dead-letters")).json()["items"]
            return [item for item in items if item["subject"] == f"issue/{issue}"]

        async def is_there() -> bool:
            return bool(await listed())

        await eventually(is_there)
        (letter,) = await listed()
        assert (letter["reason"], letter["sequence"], letter["attempts"]) == ("defect", 1, 1)
        place = f"/v1/dead-letters/{letter['id']}"
        assert (await agent.post(f"{place}/replay")).json()["code"] == "auth.forbidden_role"
        assert (await admin.post(f"{place}/replay")).is_success
        assert (await listed())[0]["attempts"] == 2
        assert (await admin.post(f"{place}/discard", json={"note": "重复"})).is_success
        assert await listed() == []
        gone = await admin.post(f"{place}/discard", json={"note": "重复"})
        assert (gone.status_code, gone.json()["code"]) == (404, "dead_letter.not_found")


async def test_a_killed_process_goes_on_where_it_was(service: Running, agent: httpx.AsyncClient) -> None:
    issue, key = an_id(), an_id()
    await ask(agent, issue, "register")
    before = await ask(agent, issue, "follow-up", Idempotency_Key=key)
    await service.kill()
    await service.start()
    after = await ask(agent, issue, "follow-up", Idempotency_Key=key)
    assert after.content == before.content


async def test_a_dead_task_makes_the_process_unready_and_is_logged(service: Running, agent: httpx.AsyncClient) -> None:
    assert (await health(service.url))[0] == 200
    await agent.post("/v1/task/break")

    async def unready() -> bool:
        return (await health(service.url))[0] == 503

    await eventually(unready)
    _, checks = await health(service.url)
    assert checks["tasks"]["detail"]["died"] == {"fragile": "RuntimeError"}
    assert '"task.died"' in await asyncio.to_thread(service.log.read_text)


async def test_it_ends_in_good_order_when_it_is_told(service: Running) -> None:
    process = psutil.Process(service.pid)
    process.terminate()
    assert await asyncio.to_thread(process.wait, 20) == 0


@asynccontextmanager
async def unprepared(around: Infrastructure, logs: Path, **env: str) -> AsyncGenerator[Running]:
    """A process that finds an empty database and no broker."""
    database = f"test_{an_id().replace('-', '')}"
    service = Running("intake", around, await create_database(around.postgres_url, database), logs, env)
    service.module = MODULE
    service.launch()
    try:
        yield service
    finally:
        await service.stop()
        await drop_database(around.postgres_url, database)


async def test_readiness_tells_what_is_missing(infrastructure: Infrastructure, tmp_path: Path) -> None:
    env = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "MAX_UNPUBLISHED_SECONDS": "0.2"}
    async with unprepared(infrastructure, tmp_path, **env) as service:

        async def failing() -> set[str]:
            try:
                status, checks = await health(service.url)
            except httpx.TransportError:
                return set()
            failed = {name for name, check in checks.items() if not check["ok"]}
            assert (status == 503) == bool(failed)
            return failed

        async def nothing_is_there() -> bool:
            return await failing() >= {"schema", "consumer", "relay", "outbox"}

        async def only_the_broker_is_missing() -> bool:
            return await failing() == {"consumer", "relay"}

        async def events_are_stuck() -> bool:
            return "outbox" in await failing()

        await eventually(nothing_is_there, seconds=30)
        await service.run("migrate")
        await eventually(only_the_broker_is_missing)
        async with await service.client("agent") as agent:
            assert (await ask(agent, an_id(), "register")).status_code == 200  # commands need no broker
        await eventually(events_are_stuck)

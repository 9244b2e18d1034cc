"""Operators' commands as they are typed: processes of their own beside one that serves.

What is done while none serves (`epoch --raise`, `rewind`) is in tests/integration/test_restore.py.
"""

import base64
import json
import re
from asyncio import gather
from collections.abc import AsyncGenerator
from typing import Any

import asyncpg
import httpx
import pytest

from contracts.codes import ClosingOutcome
from contracts.intake import IssueClosed
from tests.integration.chassis.broker import read_all
from tests.integration.chassis.sample import an_id
from tests.integration.chassis.test_service import MODULE, ask
from tests.polling import eventually
from tests.running import Infrastructure, Running, running

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
async def service(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Running]:
    async with running("intake", infrastructure, tmp_path_factory.mktemp("sample"), module=MODULE) as service:
        yield service


async def fetch(service: Running, query: str, *arguments: Any) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(service.database_url)
    try:
        return await connection.fetch(query, *arguments)
    finally:
        await connection.close()


async def put_aside(service: Running) -> tuple[str, str]:
    """A letter that no replay can help, and its issue."""
    issue = an_id()
    await service.publish((issue, 1, issue, IssueClosed(order_id=issue, outcome=ClosingOutcome.RESOLVED)))
    query = "SELECT id::text FROM dead_letters WHERE subject = $1"

    async def is_there() -> bool:
        return bool(await fetch(service, query, f"issue/{issue}"))

    await eventually(is_there)
    return (await fetch(service, query, f"issue/{issue}"))[0]["id"], issue


async def test_dead_letters_are_listed_shown_replayed_and_discarded(service: Running) -> None:
    letter, issue = await put_aside(service)
    listed, shown = await gather(
        service.ask("dead-letters", "list"), service.ask("dead-letters", "show", letter, "--json")
    )
    assert (listed.code, listed.err) == (0, "")
    heading, row = listed.out.splitlines()
    assert heading.split()[:4] == ["编号", "对象", "序号", "原因"]
    assert row.split()[:5] == [letter, f"issue/{issue}", "1", "defect", "1"]
    found = json.loads(shown.out)
    assert json.loads(base64.b64decode(found["value"]["base64"])) == json.loads(found["value"]["utf8"])
    assert found["key"]["utf8"] == issue
    assert [
        "ce_subject",
        {"base64": base64.b64encode(f"issue/{issue}".encode()).decode(), "utf8": f"issue/{issue}"},
    ] in (found["headers"])

    replayed = await service.ask("dead-letters", "replay", letter)  # beside the process that serves
    assert (replayed.code, replayed.out.split()[0]) == (1, letter)
    assert "RuntimeError" in replayed.out
    discarded = await service.ask("dead-letters", "discard", letter, "--note", "样例", "--json")
    assert discarded.code == 0, discarded.err
    end = json.loads(discarded.out)
    assert (end["attempts"], end["resolution"], end["note"]) == (2, "discarded", "样例")
    assert re.fullmatch(r"cli:\w+", end["resolved_by"])


async def test_what_cannot_be_done_is_one_line_and_a_code(service: Running) -> None:
    nothing, nonsense, away, serving, reading = await gather(
        service.ask("dead-letters", "discard", UNKNOWN, "--note", "没有"),
        service.ask("dead-letters", "show", "nonsense"),
        service.ask("check", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing"),
        service.ask("epoch", "--raise"),
        service.ask("rewind", "--to", "2026-01-01T00:00:00Z"),
    )
    assert (nothing.code, nothing.err) == (1, "dead_letter.not_found: 没有这条死信，或者它已经处理过。\n")
    assert (nonsense.code, nonsense.err) == (2, "死信编号不正确：nonsense\n")
    assert (away.code, away.err.count("\n")) == (2, 1)
    assert (serving.code, serving.err) == (1, "服务还在运行：先停止它的所有进程，再升高纪元\n")
    assert (reading.code, reading.err) == (1, "消费组里还有 1 个成员：先停止服务的所有进程\n")
    for answer in (nothing, nonsense, away, serving, reading):
        assert answer.out == ""


async def test_check_says_what_is_wrong_over_both_ways(service: Running) -> None:
    issue = an_id()
    async with await service.client("agent") as agent, await service.client("admin") as admin:
        await ask(agent, issue, "register")
        sound = await service.ask("check")
        assert (sound.code, sound.err) == (0, "")
        assert sound.out.endswith("没有发现问题\n")
        assert (await admin.get("/v1/check")).json()["ok"]
        assert (await agent.get("/v1/check")).status_code == httpx.codes.FORBIDDEN

        await fetch(service, "DELETE FROM deadlines WHERE id = $1::text::uuid", issue)
        damaged, told = await service.ask("check", "--json"), (await admin.get("/v1/check")).json()
        assert damaged.code == 1
        assert json.loads(damaged.out) == told
        (finding,) = told["findings"]
        assert (told["ok"], finding["code"], finding["where"]) == (False, "deadlines.missing", f"issue/{issue}")
        assert finding["todo"]
        await ask(agent, issue, "close")


async def test_republish_tells_history_again(service: Running, infrastructure: Infrastructure) -> None:
    issue = an_id()
    async with await service.client("agent") as agent:
        for command in ("register", "follow-up", "follow-up"):
            await ask(agent, issue, command)
    query = "SELECT count(*) FROM events WHERE id = $1::text::uuid AND published_at IS NOT NULL"

    async def published() -> bool:
        return [row["count"] for row in await fetch(service, query, issue)] == [3]

    await eventually(published)
    since = "2026-01-01T00:00:00Z"
    again = await service.ask("republish", "--aggregate", "issue", "--from", since, "--id", issue, "--json")
    assert (again.code, json.loads(again.out)["events"]) == (0, 3)
    told = [
        dict(record.headers)["ce_sequence"]
        for record in await read_all(infrastructure.kafka, service.topic_prefix + "intake.issues", partitions=2)
        if record.key == issue.encode()
    ]
    assert told == [b"1", b"2", b"3"] * 2
    assert await fetch(service, "SELECT FROM operator_actions WHERE detail->>'id' = $1", issue)

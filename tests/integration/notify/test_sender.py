"""Messages on a road with holes: every one ends delivered or failed, none goes out twice."""

import io
from collections.abc import AsyncGenerator, Generator
from http import HTTPStatus
from typing import Any

import asyncpg
import httpx
import pytest

from chassis.ids import new_id
from contracts.codes import Channel, IssueKind, Urgency
from contracts.intake import IssueAccepted
from contracts.router import OrderCompleted
from tests.integration.notify.contact_book import ContactBook
from tests.polling import eventually
from tests.running import Infrastructure, Running, running

LIMITS = """
[limits]
revisit_due = {amount = 0.0005, source = "tests"}
revisit_attempt_gap = {amount = 0, source = "tests"}
delivery_backoff = {amount = 0.002, source = "tests"}
delivery_stuck = {amount = 0.05, source = "tests"}
delivery_unsent = {amount = 0.001, source = "tests"}

[counts]
delivery_daily_cap = {value = 1000, source = "tests"}
revisit_day_parts = {value = 1, source = "tests"}

[hours]
delivery_quiet = {windows = [], source = "tests: they run at any hour of the real clock"}
"""
CALL_SECONDS = 1.0
AT = "2026-03-09T10:00:00Z"
ENDED = {"delivered", "failed"}


@pytest.fixture(scope="module")
def book() -> Generator[ContactBook]:
    contact_book = ContactBook()
    yield contact_book
    contact_book.close()


@pytest.fixture(scope="module")
async def notify(
    infrastructure: Infrastructure, sms_gateway: str, book: ContactBook, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    folder = tmp_path_factory.mktemp("sender")
    limits = folder / "limits.toml"
    limits.write_text(LIMITS)
    env = {
        "INTAKE_URL": book.url,
        "MEDIATION_URL": book.url,
        "SMS_GATEWAY_URL": sms_gateway,
        "LIMITS_FILE": str(limits),
        "CALL_TIMEOUT_SECONDS": str(CALL_SECONDS),
        "SENDER_IDLE_SECONDS": "0.05",
        "SENDER_CONCURRENCY": "8",  # the book and the gateway are to answer within a second
    }
    async with running("notify", infrastructure, folder, env) as service:
        yield service


@pytest.fixture
async def gateway(sms_gateway: str, book: ContactBook) -> AsyncGenerator[httpx.AsyncClient]:
    book.status = HTTPStatus.OK
    async with httpx.AsyncClient(base_url=sms_gateway) as client:
        (await client.put("/faults", json={"mode": "ok"})).raise_for_status()
        yield client
        (await client.put("/faults", json={"mode": "ok"})).raise_for_status()


@pytest.fixture
async def agent(notify: Running) -> AsyncGenerator[httpx.AsyncClient]:
    async with await notify.client("agent") as client:
        yield client


async def accept(notify: Running, book: ContactBook | None, callers: int = 1) -> tuple[str, list[str]]:
    """An accepted issue and its appeals, whose callers are in the ``book`` unless there is none."""
    issue, appeals = new_id(), [new_id() for _ in range(callers)]
    if book is not None:
        book.numbers |= {appeal: f"1380000{number:04d}" for number, appeal in enumerate(appeals, len(book.numbers))}
    event = IssueAccepted.model_validate(
        {
            "kind": IssueKind.COMPLAINT,
            "item_code": "0101",
            "street_code": None,
            "urgency": Urgency.NORMAL,
            "channel": Channel.HOTLINE,
            "appeals": appeals,
            "handling_due": AT,
            "by": "A1",
        }
    )
    await notify.publish((issue, 1, issue, event))
    return issue, appeals


async def messages(agent: httpx.AsyncClient, issue: str) -> list[dict[str, Any]]:
    answer = await agent.get("/v1/deliveries", params={"issue_id": issue, "limit": "200"})
    items: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
    return items


async def ended(agent: httpx.AsyncClient, issue: str, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    async def all_ended() -> bool:
        nonlocal found
        found = await messages(agent, issue)
        return len(found) == count and all(one["status"] in ENDED for one in found)

    await eventually(all_ended, seconds=45)
    return found


async def sent(gateway: httpx.AsyncClient, keys: set[str]) -> dict[str, dict[str, Any]]:
    """What the gateway sent for these keys; a key that it sent twice would fail here."""
    found = [one for one in (await gateway.get("/messages")).raise_for_status().json() if one["key"] in keys]
    assert len(found) == len({one["key"] for one in found})
    return {one["key"]: one for one in found}


async def test_a_caller_is_told_in_the_citys_words(
    notify: Running, book: ContactBook, gateway: httpx.AsyncClient, agent: httpx.AsyncClient
) -> None:
    issue, (appeal,) = await accept(notify, book)
    (message,) = await ended(agent, issue, 1)
    assert (message["status"], message["attempt"], message["template"]) == ("delivered", 1, "issue_accepted")
    went_out = (await sent(gateway, {message["id"]}))[message["id"]]
    assert (went_out["to"], went_out["calls"]) == (book.numbers[appeal], 1)
    assert issue[:8] in went_out["text"]
    assert "已受理" in went_out["text"]
    (question,) = [one for one in book.questions if one[0] == appeal]
    assert question == (appeal, "", {"purpose": "message"})
    assert (await agent.get(f"/v1/deliveries/{message['id']}")).json() == message


@pytest.mark.parametrize(
    "faults",
    [
        {"mode": "error", "rate": 0.3},
        {"mode": "rate_limit", "rate": 0.3},
        {"mode": "hang", "rate": 0.3, "seconds": 3 * CALL_SECONDS},
    ],
    ids=["three in ten fail", "three in ten are too many", "three in ten hang"],
)
async def test_every_message_comes_to_an_end_and_none_goes_out_twice(
    notify: Running,
    book: ContactBook,
    gateway: httpx.AsyncClient,
    agent: httpx.AsyncClient,
    faults: dict[str, Any],
) -> None:
    (await gateway.put("/faults", json=faults)).raise_for_status()
    issue, appeals = await accept(notify, book, callers=30)
    found = await ended(agent, issue, len(appeals))
    went_out = await sent(gateway, {one["id"] for one in found})
    assert max(one["attempt"] for one in found) > 1
    assert sum(one["status"] == "delivered" for one in found) >= 25
    for one in found:
        if one["status"] == "delivered":
            assert went_out[one["id"]]["to"] == book.numbers[one["appeal_id"]]
        else:
            assert (one["failure_class"], one["attempt"]) == ("technical", 5)
    assert len({one["to"] for one in went_out.values()}) == len(went_out)


async def test_attempts_are_bounded(
    notify: Running, book: ContactBook, gateway: httpx.AsyncClient, agent: httpx.AsyncClient
) -> None:
    (await gateway.put("/faults", json={"mode": "error"})).raise_for_status()
    issue, _ = await accept(notify, book)
    (message,) = await ended(agent, issue, 1)
    assert (message["status"], message["failure_class"], message["failure"], message["attempt"]) == (
        "failed",
        "technical",
        "http_500",
        5,
    )
    assert message["status_zh"] == "发送失败"
    assert await sent(gateway, {message["id"]}) == {}


@pytest.mark.parametrize("known", [False, True], ids=["no such appeal", "no telephone"])
async def test_what_cannot_be_sent_fails_at_once(
    notify: Running, book: ContactBook, gateway: httpx.AsyncClient, agent: httpx.AsyncClient, known: bool
) -> None:
    issue = new_id()
    appeal = new_id()
    if known:
        book.numbers[appeal] = None
    event = OrderCompleted.model_validate(
        {"issue_id": issue, "round": 1, "appeals": [appeal], "units": ["S150105004"], "revisit_due": AT, "by": "V1"}
    )
    await notify.publish((new_id(), 1, issue, event))
    (message,) = await ended(agent, issue, 1)
    assert (message["status"], message["failure_class"], message["attempt"]) == ("failed", "permanent", 1)
    assert message["failure"] == ("no_phone" if known else "contact_refused")


async def test_those_who_are_told_at_once_are_asked_for_together_and_a_defect_over_one_costs_no_other(
    notify: Running, book: ContactBook, gateway: httpx.AsyncClient, agent: httpx.AsyncClient
) -> None:
    issue, appeals = await accept(notify, book, callers=6)
    await ended(agent, issue, 6)
    together = [asked for asked in book.together if asked.intersection(appeals)]
    assert len(together) < 6, "each alone"

    issue, appeals = new_id(), [new_id() for _ in range(6)]
    book.numbers |= {appeal: f"1380001{number:04d}" for number, appeal in enumerate(appeals)}
    book.broken = {appeals[2]}
    event = OrderCompleted.model_validate(
        {"issue_id": issue, "round": 1, "appeals": appeals, "units": ["S150105004"], "revisit_due": AT, "by": "V1"}
    )
    await notify.publish((new_id(), 1, issue, event))
    found = {one["appeal_id"]: (one["status"], one["failure"]) for one in await ended(agent, issue, 6)}
    assert found == dict.fromkeys(appeals, ("delivered", None)) | {appeals[2]: ("failed", "contact_unavailable")}


async def test_while_intake_is_away_messages_wait(
    notify: Running, book: ContactBook, gateway: httpx.AsyncClient, agent: httpx.AsyncClient
) -> None:
    book.status = HTTPStatus.SERVICE_UNAVAILABLE
    issue, _ = await accept(notify, book)

    async def waits() -> bool:
        return [one["failure"] for one in await messages(agent, issue)] == ["contact_unavailable"]

    await eventually(waits, seconds=20)
    book.status = HTTPStatus.OK
    (message,) = await ended(agent, issue, 1)
    assert (message["status"], message["failure"]) == ("delivered", None)


async def test_a_sender_that_dies_loses_and_doubles_nothing(
    notify: Running, book: ContactBook, gateway: httpx.AsyncClient, agent: httpx.AsyncClient
) -> None:
    (await gateway.put("/faults", json={"mode": "hang", "seconds": 2 * CALL_SECONDS})).raise_for_status()
    issue, appeals = await accept(notify, book, callers=8)

    async def under_way() -> bool:
        return len([one for one in await messages(agent, issue) if one["status"] == "sending"]) >= 4

    await eventually(under_way, seconds=20)
    await notify.kill()
    (await gateway.put("/faults", json={"mode": "ok"})).raise_for_status()
    await notify.start()
    found = await ended(agent, issue, len(appeals))
    assert [one["status"] for one in found] == ["delivered"] * len(appeals)
    assert len(await sent(gateway, {one["id"] for one in found})) == len(appeals)


async def test_no_attempt_is_made_by_two_senders(
    notify: Running, book: ContactBook, gateway: httpx.AsyncClient, agent: httpx.AsyncClient
) -> None:
    second = notify.sibling()
    await second.start()
    try:
        issue, appeals = await accept(notify, book, callers=40)
        found = await ended(agent, issue, len(appeals))
        assert {(one["status"], one["failure"]) for one in found} == {("delivered", None)}
        went_out = await sent(gateway, {one["id"] for one in found})
        assert all(went_out[one["id"]]["calls"] <= one["attempt"] for one in found)
        asked = [appeal for appeal, _, _ in book.questions if appeal in appeals]
        assert len(asked) == len(set(asked))
    finally:
        await second.stop()


async def test_call_backs_that_are_late_or_in_vain_are_shown(notify: Running, book: ContactBook) -> None:
    order, issue, appeal = new_id(), new_id(), new_id()
    event = OrderCompleted.model_validate(
        {"issue_id": issue, "round": 1, "appeals": [appeal], "units": ["S150105004"], "revisit_due": AT, "by": "V1"}
    )
    await notify.publish((order, 1, issue, event))
    async with await notify.client("revisitor") as revisitor:

        async def told_late() -> bool:
            query = {"queue": "overdue", "order_id": order}
            items: list[dict[str, Any]] = (await revisitor.get("/v1/revisits", params=query)).json()["items"]
            return [one["version"] for one in items] == [2]  # opened, overdue

        await eventually(told_late, seconds=20)
        query = {"order_id": order}
        (revisit,) = (await revisitor.get("/v1/revisits", params=query)).json()["items"]
        assert revisit["is_overdue"]
        for number in (1, 2, 3):
            path = f"/v1/revisits/{revisit['id']}/attempts"
            answer = await revisitor.post(path, json={"number": number})
            assert answer.status_code == 200
        assert (answer.json()["status"], answer.json()["status_zh"]) == ("unreached", "未联系上")
        assert answer.json()["is_overdue"] is False


async def test_no_telephone_number_stays_here(notify: Running, book: ContactBook) -> None:
    numbers = [number for number in book.numbers.values() if number]
    assert numbers
    kept = io.BytesIO(notify.log.read_bytes())
    kept.seek(0, io.SEEK_END)
    connection = await asyncpg.connect(notify.database_url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables:
            await connection.copy_from_table(table, output=kept)
        letters = await connection.fetchval("SELECT count(*) FROM dead_letters")
    finally:
        await connection.close()
    assert letters == 0
    assert b"issue_accepted" in kept.getvalue()
    assert [number for number in numbers if number.encode() in kept.getvalue()] == []

"""回访链接 over HTTP: from the message to the page to the event, with a real gateway's double, broker and database."""

import io
import re
from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest

from chassis.ids import new_id
from contracts.router import OrderCompleted
from tests.e2e.collector import Collector, collecting
from tests.html_page import Page
from tests.integration.notify.contact_book import ContactBook
from tests.polling import eventually
from tests.running import Infrastructure, Running, running

LIMITS = """
[counts]
delivery_daily_cap = {value = 1000, source = "tests"}
survey_wrong_tokens = {value = 4, source = "tests"}

[hours]
delivery_quiet = {windows = [], source = "tests: they run at any hour of the real clock"}
"""
SOLVED = {"contact": "in_time", "resolution": "yes", "satisfaction": "satisfied", "reason": "", "comment": ""}
WORDS = "楼道灯还是不亮，请再来看看（示例留言）"


@pytest.fixture(scope="module")
def book() -> Generator[ContactBook]:
    contact_book = ContactBook()
    yield contact_book
    contact_book.close()


@pytest.fixture(scope="module")
def collector() -> Generator[Collector]:
    with collecting() as collected:
        yield collected


@pytest.fixture(scope="module")
async def notify(
    infrastructure: Infrastructure,
    sms_gateway: str,
    book: ContactBook,
    collector: Collector,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[Running]:
    folder = tmp_path_factory.mktemp("survey")
    limits = folder / "limits.toml"
    limits.write_text(LIMITS)
    env = {
        "INTAKE_URL": book.url,
        "MEDIATION_URL": book.url,
        "SMS_GATEWAY_URL": sms_gateway,
        "SURVEY_URL": "https://12345.example.cn/survey",
        "LIMITS_FILE": str(limits),
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "LOG_LEVEL": "DEBUG",
    }
    async with running("notify", infrastructure, folder, env) as service:
        yield service


@pytest.fixture
async def citizen(notify: Running) -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=notify.url) as client:
        yield client


@pytest.fixture
async def revisitor(notify: Running) -> AsyncGenerator[httpx.AsyncClient]:
    async with await notify.client("revisitor", sub="R001") as client:
        yield client


async def complete(notify: Running, appeal: str) -> tuple[str, str]:
    """An order of one caller was completed; its id and its issue's."""
    order, issue = new_id(), new_id()
    event = OrderCompleted(
        issue_id=issue,
        round=1,
        appeals=[appeal],
        units=["S150105004"],
        revisit_due=datetime.now(UTC),
        by="V1",
        item_code="0101",
    )
    await notify.publish((order, 1, issue, event))
    return order, issue


async def asked(notify: Running, book: ContactBook, sms_gateway: str, revisitor: httpx.AsyncClient) -> tuple[str, str]:
    """A call-back, and the token of the link that its caller was sent."""
    appeal, number = new_id(), f"1380000{len(book.numbers):04d}"
    book.numbers[appeal] = number
    order, _ = await complete(notify, appeal)
    texts: list[str] = []

    async def arrived() -> bool:
        async with httpx.AsyncClient(base_url=sms_gateway) as gateway:
            found = (await gateway.get("/messages")).raise_for_status().json()
        texts[:] = [one["text"] for one in found if one["to"] == number and "survey?t=" in one["text"]]
        return bool(texts)

    await eventually(arrived, seconds=30)
    link = re.search(r"https://12345\.example\.cn/survey\?t=([A-Za-z0-9_-]+) ", texts[0])
    assert link, texts[0]
    listed = (await revisitor.get("/v1/revisits", params={"order_id": order})).json()["items"]
    return listed[0]["id"], link[1]


def is_page(answer: httpx.Response, status: int) -> Page:
    """A whole Chinese page with the headers that every one has."""
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    page = Page(answer.text)
    assert page.all("html") == [{"lang": "zh-CN"}]
    assert page.unlabelled() == page.external() == page.unclosed == []
    return page


async def everything_kept(notify: Running) -> str:
    """Every table of the service as text."""
    connection = await asyncpg.connect(notify.database_url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        content = io.BytesIO()
        for table in tables:
            await connection.copy_from_table(table[0], output=content)
    finally:
        await connection.close()
    return content.getvalue().decode()


async def test_a_caller_answers_once_by_the_link(
    notify: Running,
    book: ContactBook,
    sms_gateway: str,
    revisitor: httpx.AsyncClient,
    citizen: httpx.AsyncClient,
    collector: Collector,
) -> None:
    revisit, token = await asked(notify, book, sms_gateway, revisitor)
    page = is_page(await citizen.get("/survey", params={"t": token}), 200)
    assert page.all("form") == [{"method": "post", "action": "survey", "novalidate": ""}]
    assert f"{datetime.now(UTC).year}年" in page.text()

    unfinished = await citizen.post("/survey", data={"t": token, "resolution": "no", "comment": WORDS})
    page = is_page(unfinished, 422)
    assert [one["href"] for one in page.all("a")] == ["#contact", "#satisfaction", "#reason"]
    assert WORDS in page.text("textarea")

    filled = SOLVED | {"t": token, "resolution": "no", "reason": "not_done", "comment": WORDS}
    assert "评价已收到" in is_page(await citizen.post("/survey", data=filled), 200).text()
    recorded = (await revisitor.get(f"/v1/revisits/{revisit}")).json()
    assert (recorded["channel"], recorded["recorded_by"]) == ("survey_link", "survey_link")
    assert (recorded["resolution"], recorded["reason"], recorded["reason_class"]) == ("no", "not_done", "unit_work")
    assert (recorded["contacted"], recorded["in_time"], recorded["commented"]) == (True, True, True)
    assert (await revisitor.get(f"/v1/revisits/{revisit}/comment")).json() == {"comment": WORDS}

    for again in (await citizen.get("/survey", params={"t": token}), await citizen.post("/survey", data=filled)):
        assert "不能再用" in is_page(again, 410).text()

    # Neither the token nor the words are anywhere but in the message and, encrypted, in the private data.
    metrics = (await citizen.get("/metrics")).text

    async def spans_came() -> bool:
        return any(b"/survey" in export for export in collector.exports)

    await eventually(spans_came, seconds=20)
    kept, logged = await everything_kept(notify), notify.log.read_text()
    for secret in (token, WORDS):
        assert secret not in kept
        assert secret not in logged
        assert secret not in metrics
        assert all(secret.encode() not in export for export in collector.exports)
    assert "/survey" in metrics, "the route is measured, so that the above has looked at the right page"


async def test_a_link_that_is_expired_or_outrun_says_so(
    notify: Running, book: ContactBook, sms_gateway: str, revisitor: httpx.AsyncClient, citizen: httpx.AsyncClient
) -> None:
    revisit, token = await asked(notify, book, sms_gateway, revisitor)
    connection = await asyncpg.connect(notify.database_url)
    await connection.execute("UPDATE survey_links SET expires_at = now() WHERE revisit_id = $1::text::uuid", revisit)
    assert "已过有效期" in is_page(await citizen.get("/survey", params={"t": token}), 410).text()
    assert "已过有效期" in is_page(await citizen.post("/survey", data=SOLVED | {"t": token}), 410).text()
    assert (await revisitor.get(f"/v1/revisits/{revisit}")).json()["status"] == "open"
    await connection.close()

    body: dict[str, Any] = {"contacted": True, "in_time": True, "resolution": "yes", "satisfaction": "neutral"}
    other, token = await asked(notify, book, sms_gateway, revisitor)
    assert (await revisitor.post(f"/v1/revisits/{other}/record", json=body)).status_code == 200
    assert "不能再用" in is_page(await citizen.post("/survey", data=SOLVED | {"t": token}), 410).text()
    assert (await revisitor.get(f"/v1/revisits/{other}")).json()["channel"] == "phone"


async def test_the_app_answers_for_its_signed_in_caller(
    notify: Running, book: ContactBook, sms_gateway: str, revisitor: httpx.AsyncClient
) -> None:
    revisit, _ = await asked(notify, book, sms_gateway, revisitor)
    body = {"contacted": False, "in_time": False, "resolution": "no", "satisfaction": "dissatisfied"}
    async with await notify.client("partner", sub="app-1") as app:
        path = f"/v1/revisits/{revisit}/app-answer"
        judged = await app.post(path, json=body | {"reason": "no_legal_ground"})
        assert (judged.status_code, judged.json()["errors"][0]["field"]) == (422, "reason")
        answer = await app.post(path, json=body | {"reason": "not_contacted", "comment": WORDS})
        assert (answer.status_code, answer.json()["status"]) == (200, "recorded")
        assert (await app.get(f"/v1/revisits/{revisit}/comment")).status_code == 403
    recorded = (await revisitor.get(f"/v1/revisits/{revisit}")).json()
    assert (recorded["channel"], recorded["recorded_by"], recorded["reason"]) == ("app", "app-1", "not_contacted")


async def test_wrong_tokens_are_told_so_and_guessing_is_slowed(notify: Running, citizen: httpx.AsyncClient) -> None:
    """The last test of the file: this address has to wait afterwards."""
    for token in ("", "x", "A" * 32, "A" * 31 + "/"):
        assert "链接不正确" in is_page(await citizen.get("/survey", params={"t": token}), 404).text()
    answer = await citizen.get("/survey", params={"t": "B" * 32})
    assert "稍后再试" in is_page(answer, 429).text()
    assert int(answer.headers["retry-after"]) > 0

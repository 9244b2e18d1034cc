"""Messages by text and mail through gateways with every fault: each ends delivered or is seen as failed, none twice."""

import base64
import json
import time
from collections import Counter
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from chassis.ids import new_id
from contracts.codes import Channel, IssueKind, Urgency
from contracts.intake import IssueAccepted
from contracts.mediation_course import InstalmentDueSoon
from tests.integration.notify.contact_book import ContactBook
from tests.integration.notify.faulty_gateways import FaultyGateway, FaultyMailServer
from tests.integration.notify.test_survey import complete, everything_kept
from tests.polling import eventually
from tests.running import Infrastructure, Running, running

SECRET = bytes(range(32))
CALL_SECONDS = 1.0
CAP = 3
LIMITS = f"""
[limits]
delivery_backoff = {{amount = 0.002, source = "tests"}}
delivery_backoff_longest = {{amount = 0.0005, source = "tests"}}
delivery_stuck = {{amount = 0.1, source = "tests"}}
delivery_receipt = {{amount = 1, source = "tests"}}

[counts]
delivery_daily_cap = {{value = {CAP}, source = "tests"}}
delivery_attempts = {{value = 40, source = "tests: half of all calls may fail, 12 in a row of one message in 4096"}}

[hours]
delivery_quiet = {{windows = [], source = "tests: they run at any hour of the real clock"}}
"""
ALWAYS_QUIET_BUT_A_MINUTE = '[hours]\ndelivery_quiet = {windows = [["03:01", "03:00"]], source = "tests"}\n'
ENDED = {"delivered", "failed"}
NEVER = datetime(2999, 3, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def book() -> Generator[ContactBook]:
    contact_book = ContactBook()
    yield contact_book
    contact_book.close()


@pytest.fixture
def gateway() -> Generator[FaultyGateway]:
    faulty = FaultyGateway(SECRET, seconds=2 * CALL_SECONDS)
    yield faulty
    faulty.close()


@pytest.fixture
def mail() -> Generator[FaultyMailServer]:
    server = FaultyMailServer()
    yield server
    server.close()


def environment(folder: Path, book: ContactBook, gateway: FaultyGateway, limits: str = LIMITS) -> dict[str, str]:
    file = folder / "limits.toml"
    file.write_text(limits)
    return {
        "INTAKE_URL": book.url,
        "MEDIATION_URL": book.url,
        "SMS_GATEWAY_URL": gateway.url,
        "SMS_GATEWAY_SECRET": base64.b64encode(SECRET).decode(),
        "LIMITS_FILE": str(file),
        "CALL_TIMEOUT_SECONDS": str(CALL_SECONDS),
        "SENDER_IDLE_SECONDS": "0.05",
    }


async def accept(notify: Running, appeals: list[str], urgency: Urgency = Urgency.NORMAL) -> str:
    """Have an issue of these callers accepted; its id."""
    issue = new_id()
    event = IssueAccepted.model_validate(
        {
            "kind": IssueKind.COMPLAINT,
            "item_code": "0101",
            "street_code": None,
            "urgency": urgency,
            "channel": Channel.HOTLINE,
            "appeals": appeals,
            "handling_due": "2026-03-09T10:00:00Z",
            "by": "A1",
        }
    )
    await notify.publish((issue, 1, issue, event))
    return issue


async def messages(agent: httpx.AsyncClient, issue: str) -> list[dict[str, Any]]:
    answer = await agent.get("/v1/deliveries", params={"issue_id": issue, "limit": "200"})
    items: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
    return items


async def until(agent: httpx.AsyncClient, issue: str, count: int, statuses: set[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        nonlocal found
        found = await messages(agent, issue)
        return len(found) == count and {one["status"] for one in found} <= statuses

    await eventually(there, seconds=60)
    return found


def callers(book: ContactBook, count: int, first: int = 0) -> list[str]:
    appeals = [new_id() for _ in range(count)]
    book.numbers |= {appeal: f"1380000{number:04d}" for number, appeal in enumerate(appeals, first)}
    return appeals


async def test_a_gateway_and_a_mail_server_with_every_fault(
    infrastructure: Infrastructure,
    book: ContactBook,
    gateway: FaultyGateway,
    mail: FaultyMailServer,
    tmp_path: Path,
) -> None:
    gateway.faults = [None, 500, None, 429, None, None, "hang", None, 503, "drop"]
    by_text, by_mail, unknown = callers(book, 40), [new_id() for _ in range(6)], new_id()
    for number, appeal in enumerate([*by_mail, unknown]):
        book.numbers[appeal] = "04714606000"  # a landline: no text can reach it
        book.addresses[appeal] = f"{'unknown' if appeal == unknown else 'caller'}{number}@example.invalid"
    later, lost, not_taken = by_mail[0], by_mail[2], by_mail[4]
    replies = {later: ["451 4.3.0 later", ""], lost: ["lost", ""], not_taken: ["554 5.6.0 not this one"]}
    mail.replies = {book.addresses[appeal]: answers for appeal, answers in replies.items()}
    env = environment(tmp_path, book, gateway) | {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(mail.start()),
        "SMTP_TLS": "none",
        "MAIL_FROM": "12345@example.invalid",
    }
    async with running("notify", infrastructure, tmp_path, env) as notify, await notify.client("agent") as agent:
        issue = await accept(notify, [*by_text, *by_mail, unknown])
        found = {one["appeal_id"]: one for one in await until(agent, issue, 47, ENDED)}
        for appeal in by_text:
            message = found[appeal]
            assert (message["status"], message["channel"]) == ("delivered", "sms"), message
            assert gateway.sent[message["id"]]["to"] == book.numbers[appeal]
        assert len(gateway.sent) == len(by_text)  # one for each, whatever was asked again
        assert max(gateway.calls.values()) > 1
        assert gateway.unsigned == 0

        assert [appeal for appeal in by_mail if found[appeal]["status"] == "failed"] == [not_taken]
        assert (found[not_taken]["failure_class"], found[not_taken]["failure"]) == ("permanent", "refused_554")
        assert mail.asked[book.addresses[later]] > 1
        delivered = {f"<{found[appeal]['id']}@example.invalid>" for appeal in by_mail if appeal != not_taken}
        taken = Counter(str(one["Message-ID"]) for one in mail.taken)
        assert taken.keys() == delivered
        assert taken.total() == len(delivered) + 1
        assert taken[f"<{found[lost]['id']}@example.invalid>"] == 2  # its answer was lost: again, to be recognised
        assert (found[unknown]["failure_class"], found[unknown]["failure"]) == ("permanent", "refused_550")
        assert mail.asked[book.addresses[unknown]] == 1

        async with await notify.client("supervisor") as supervisor:
            shown = await supervisor.get("/v1/deliveries", params={"status": "failed", "count": "true"})
            assert shown.json()["count"] == 2


async def test_delivered_means_that_a_receipt_says_so(
    infrastructure: Infrastructure, book: ContactBook, gateway: FaultyGateway, tmp_path: Path
) -> None:
    env = environment(tmp_path, book, gateway) | {"SMS_RECEIPTS": "true"}
    async with (
        running("notify", infrastructure, tmp_path, env) as notify,
        await notify.client("agent") as agent,
        httpx.AsyncClient(base_url=notify.url) as provider,
    ):

        async def receipt(key: str, outcome: str, **more: Any) -> httpx.Response:
            body = json.dumps({"key": key, "outcome": outcome}).encode()
            return await provider.post("/v1/receipts/sms", content=body, headers=gateway.sign(key, body) | more)

        issue = await accept(notify, callers(book, 3, first=100))
        arrived, again, nobody = await until(agent, issue, 3, {"submitted"})
        assert (await receipt(arrived["id"], "delivered")).status_code == 200
        forged = await receipt(again["id"], "delivered", **{"Qingcheng-Signature": "v1=00"})
        assert (forged.status_code, forged.json()["code"]) == (401, "receipt.bad_signature")
        body = json.dumps({"key": again["id"], "outcome": "delivered"}).encode()
        old = gateway.sign(again["id"], body, at=time.time() - 3600)
        assert (await provider.post("/v1/receipts/sms", content=body, headers=old)).status_code == 401
        assert (await receipt(new_id(), "delivered")).status_code == 404
        assert (await agent.get(f"/v1/deliveries/{again['id']}")).json()["status"] == "submitted"

        assert (await receipt(nobody["id"], "rejected")).status_code == 200
        assert (await receipt(again["id"], "undelivered")).status_code == 200
        assert (await receipt(again["id"], "undelivered")).status_code == 200  # played back: one new round

        async def sent_anew() -> bool:
            return f"{again['id']}.2" in gateway.sent

        await eventually(sent_anew, seconds=20)
        await until(agent, issue, 3, {"submitted", "delivered", "failed"})
        assert (await receipt(f"{again['id']}.2", "delivered")).status_code == 200
        assert (await receipt(arrived["id"], "rejected")).status_code == 200  # after it arrived: nothing
        ends = {one["id"]: (one["status"], one["failure"]) for one in await messages(agent, issue)}
        assert ends == {
            arrived["id"]: ("delivered", None),
            again["id"]: ("delivered", None),
            nobody["id"]: ("failed", "undeliverable"),
        }
        assert set(gateway.sent) == {arrived["id"], again["id"], f"{again['id']}.2", nobody["id"]}


async def test_a_repeated_key_says_what_it_said_first_although_texts_have_changed(
    infrastructure: Infrastructure, book: ContactBook, gateway: FaultyGateway, tmp_path: Path
) -> None:
    """The gateway has taken it and the answer was lost; until it is asked again the survey page has moved."""
    gateway.faults = ["drop"]
    slowly = LIMITS.replace("delivery_backoff = {amount = 0.002", "delivery_backoff = {amount = 0.02")
    env = environment(tmp_path, book, gateway, slowly) | {"SURVEY_URL": "https://old.example.cn/survey"}
    (appeal,) = callers(book, 1, first=400)
    async with running("notify", infrastructure, tmp_path, env) as notify:
        async with await notify.client("agent") as agent:
            _, issue = await complete(notify, appeal)
            await until(agent, issue, 1, {"temporary_failure"})
        await notify.stop()
        gateway.faults = []
        notify.env = notify.env | {"SURVEY_URL": "https://new.example.cn/survey"}
        await notify.start()
        async with await notify.client("agent") as agent:
            (message,) = await until(agent, issue, 1, ENDED)
        assert (message["status"], gateway.calls[message["id"]] > 1) == ("delivered", True), message
        text = gateway.sent[message["id"]]["text"]
        assert "https://old.example.cn/survey?t=" in text
        connection = await asyncpg.connect(notify.database_url)
        try:

            async def is_forgotten() -> bool:
                kept = await connection.fetchval("SELECT count(*) FROM private_data WHERE aggregate = 'delivery'")
                return bool(kept == 0)

            await eventually(is_forgotten, seconds=20)
        finally:
            await connection.close()
        assert "old.example.cn" not in await everything_kept(notify)


async def test_a_mail_that_came_back_is_seen_as_failed(
    infrastructure: Infrastructure,
    book: ContactBook,
    gateway: FaultyGateway,
    mail: FaultyMailServer,
    tmp_path: Path,
) -> None:
    """The operator of the mail server knows the message by its Message-ID, and signs with a secret of its own."""
    operator = FaultyGateway(SECRET[::-1], seconds=0)
    env = environment(tmp_path, book, gateway) | {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(mail.start()),
        "SMTP_TLS": "none",
        "MAIL_FROM": "12345@example.invalid",
        "MAIL_RECEIPT_SECRET": base64.b64encode(SECRET[::-1]).decode(),
    }
    appeals = [new_id() for _ in range(2)]
    for number, appeal in enumerate(appeals):
        book.numbers[appeal], book.addresses[appeal] = None, f"bounce{number}@example.invalid"
    try:
        async with (
            running("notify", infrastructure, tmp_path, env) as notify,
            await notify.client("agent") as agent,
            httpx.AsyncClient(base_url=notify.url) as outside,
        ):
            issue = await accept(notify, appeals)
            await until(agent, issue, 2, {"submitted"})
            gone, full = (str(one["Message-ID"]).strip("<>").partition("@")[0] for one in mail.taken)

            async def bounce(key: str, outcome: str, signer: FaultyGateway = operator) -> int:
                body = json.dumps({"key": key, "outcome": outcome}).encode()
                return (
                    await outside.post("/v1/receipts/mail", content=body, headers=signer.sign(key, body))
                ).status_code

            assert await bounce(gone, "rejected", gateway) == 401  # the secret of the other house
            assert [await bounce(gone, "rejected") for _ in range(2)] == [200, 200]
            assert await bounce(full, "undelivered") == 200

            async def mailed_anew() -> bool:
                return f"<{full}.2@example.invalid>" in {str(one["Message-ID"]) for one in mail.taken}

            await eventually(mailed_anew, seconds=20)
            found = {
                one["id"]: (one["status"], one["failure"])
                for one in await until(agent, issue, 2, {"submitted", "failed"})
            }
            assert found == {gone: ("failed", "undeliverable"), full: ("submitted", "undelivered")}
            assert (await agent.get("/v1/undelivered", params={"count": "true"})).json()["count"] == 1
    finally:
        operator.close()


async def test_people_look_after_what_has_failed(
    infrastructure: Infrastructure, book: ContactBook, gateway: FaultyGateway, tmp_path: Path
) -> None:
    env = environment(tmp_path, book, gateway)
    async with running("notify", infrastructure, tmp_path, env) as notify, await notify.client("agent") as agent:
        gateway.faults = [404]
        issue = await accept(notify, callers(book, 2, first=200))
        by_phone, corrected = await until(agent, issue, 2, {"failed"})
        assert by_phone["handling_due"]
        async with await notify.client("revisitor", sub="C2") as colleague:
            assert (await agent.get("/v1/undelivered", params={"count": "true"})).json()["count"] == 2
            mine, theirs = [(await who.post("/v1/undelivered/next")).json() for who in (agent, colleague)]
            assert {mine["item"]["id"], theirs["item"]["id"]} == {by_phone["id"], corrected["id"]}
            assert theirs["claim"]["holder"] == "C2"
            assert (await agent.post("/v1/undelivered/next")).json() == {"claim": None, "item": None}

        told = await agent.post(f"/v1/deliveries/{by_phone['id']}/handle", json={"how": "phone"})
        assert (told.status_code, told.json()["status"], told.json()["handled_by"]) == (200, "handled", "T001")
        again = await agent.post(f"/v1/deliveries/{by_phone['id']}/resend", json={})
        assert (again.status_code, again.json()["code"]) == (409, "delivery.not_failed")

        path = f"/v1/deliveries/{corrected['id']}/resend"
        wrong = await agent.post(path, json={"contact": "04714606000"})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "delivery.contact_unusable")
        gateway.faults = []
        new = "13800009999"
        assert (await agent.post(path, json={"contact": new}, headers={"Idempotency-Key": "k"})).status_code == 200
        assert (await agent.post(path, json={"contact": new}, headers={"Idempotency-Key": "k"})).status_code == 200
        await until(agent, issue, 2, {"handled", "delivered"})
        assert {key: one["to"] for key, one in gateway.sent.items()} == {f"{corrected['id']}.2": new}
        assert new.encode() not in notify.log.read_bytes()
        assert new not in await everything_kept(notify)
        assert (await agent.get("/v1/undelivered", params={"count": "true"})).json()["count"] == 0


async def test_nobody_gets_more_than_the_cap_and_nothing_is_dropped(
    infrastructure: Infrastructure, book: ContactBook, gateway: FaultyGateway, tmp_path: Path
) -> None:
    """Two processes send to one person at once; an emergency goes out beyond the cap."""
    env = environment(tmp_path, book, gateway)
    async with running("notify", infrastructure, tmp_path, env) as notify, await notify.client("agent") as agent:
        second = notify.sibling()
        await second.start()
        try:
            appeals = [new_id() for _ in range(4 * CAP)]
            book.numbers |= dict.fromkeys(appeals, "13800007777")
            issue = await accept(notify, appeals)
            found = await until(agent, issue, len(appeals), {"delivered", "scheduled"})
            waiting = [one for one in found if one["status"] == "scheduled"]
            assert (len(gateway.sent), len(waiting)) == (CAP, 3 * CAP)
            assert {one["wait_reason"] for one in waiting} == {"daily_cap"}
            urgent = await accept(notify, appeals[:1], Urgency.EMERGENCY)
            await until(agent, urgent, 1, {"delivered"})
            assert len(gateway.sent) == CAP + 1
        finally:
            await second.stop()


async def test_the_parties_of_a_case_are_reminded_and_the_centre_looks_after_whom_it_cannot_reach(
    infrastructure: Infrastructure, book: ContactBook, gateway: FaultyGateway, tmp_path: Path
) -> None:
    case, issue, (party, unreachable) = new_id(), new_id(), (new_id(), new_id())
    book.numbers |= {party: "138 0000 6001", unreachable: "04714606000"}
    env = environment(tmp_path, book, gateway)
    async with (
        running("notify", infrastructure, tmp_path, env) as notify,
        await notify.client("agent") as agent,
        await notify.client("centre_clerk", sub="K1") as clerk,
    ):
        soon = InstalmentDueSoon(number=1, due=NEVER, order_id=None, appeals=[new_id()], parties=[party, unreachable])
        past = soon.model_copy(update={"due": datetime(2026, 3, 2, tzinfo=UTC)})
        await notify.publish((case, 1, issue, past))
        await notify.publish((case, 2, issue, soon))
        found = {one["party_id"]: one for one in await until(clerk, issue, 2, ENDED)}
        assert {one["case_id"] for one in found.values()} == {case}
        assert (found[party]["status"], found[party]["appeal_id"]) == ("delivered", None)
        sent = gateway.sent[found[party]["id"]]
        assert (sent["to"], sent["template"]) == ("13800006001", "instalment_due_soon")
        assert (party, f"delivery:{found[party]['id']}:1", {"purpose": "supervision"}) in book.questions

        path = f"/v1/deliveries/{found[unreachable]['id']}/handle"
        assert found[unreachable]["failure"] == "no_phone"
        assert (await agent.get("/v1/undelivered", params={"count": "true"})).json()["count"] == 0
        assert (await agent.post(path, json={"how": "phone"})).status_code == 404
        mine = (await clerk.post("/v1/undelivered/next")).json()["item"]
        assert (mine["id"], mine["party_id"]) == (found[unreachable]["id"], unreachable)
        assert (await clerk.post(path, json={"how": "visit"})).json()["status"] == "handled"
        assert b"13800006001" not in notify.log.read_bytes()
        assert "13800006001" not in await everything_kept(notify)


async def test_in_the_quiet_hours_only_emergencies_leave(
    infrastructure: Infrastructure, book: ContactBook, gateway: FaultyGateway, tmp_path: Path
) -> None:
    env = environment(tmp_path, book, gateway, ALWAYS_QUIET_BUT_A_MINUTE)
    async with running("notify", infrastructure, tmp_path, env) as notify, await notify.client("agent") as agent:
        (appeal,) = callers(book, 1, first=300)
        ordinary, urgent = await accept(notify, [appeal]), await accept(notify, [appeal], Urgency.EMERGENCY)
        await until(agent, urgent, 1, {"delivered"})
        (waits,) = await until(agent, ordinary, 1, {"scheduled"})
        assert (waits["wait_reason"], waits["attempt"], waits["is_overdue"]) == ("quiet_hours", 0, False)
        assert len(gateway.sent) == 1


async def test_texts_are_shown_as_a_citizen_reads_them(
    infrastructure: Infrastructure, book: ContactBook, gateway: FaultyGateway, tmp_path: Path
) -> None:
    env = environment(tmp_path, book, gateway)
    async with running("notify", infrastructure, tmp_path, env) as notify, await notify.client("agent") as agent:
        texts = (await agent.get("/v1/templates")).json()["items"]
        assert {
            "name": "order_dispatched",
            "current": "1",
            "versions": ["1"],
            "variables": ["number", "promised"],
        } in texts
        shown = (await agent.get("/v1/templates/order_dispatched/preview")).json()
        assert "2026年03月10日 18:00" in shown["text"]
        assert shown["characters"] == len(shown["text"])
        for path in ("nothing/preview", "order_dispatched/preview?version=9"):
            answer = await agent.get(f"/v1/templates/{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "template.not_found")

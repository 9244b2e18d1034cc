"""Callbacks to partners: signed, in order per issue, through every kind of trouble, and visible where they fail."""

import secrets as random
import threading
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from cloudevents.core.formats.json import JSONFormat
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.integration.notify.faulty_gateways import FaultyMailServer
from tests.integration.partners.partner_desk import PATIENCE, TYPES, Happening, Subscribed, all_taken, step, subscribe
from tests.polling import eventually
from tests.raw_producer import RawRecord, raw_producer
from tests.receiver import Answer, Came, Receiver
from tests.running import Infrastructure, Running, running

LIMITS = """
[limits]
callback_backoff = {amount = 0.002, source = "tests"}
callback_backoff_most = {amount = 0.005, source = "tests"}
[counts]
callback_attempts = {value = 4, source = "tests"}
callback_waiting = {value = 40, source = "tests"}
subscriptions_per_partner = {value = 2, source = "tests"}
"""


def environment(limits: Path) -> dict[str, str]:
    return {
        "INTAKE_URL": "http://127.0.0.1:9",
        "MEDIATION_URL": "http://127.0.0.1:9",
        "SMS_GATEWAY_URL": "http://127.0.0.1:9",
        "CALLBACK_LOCAL_NETWORKS": "127.0.0.0/8",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": "9",
        "SMTP_TLS": "none",
        "MAIL_FROM": "12345@example.invalid",
        "SENDER_IDLE_SECONDS": "0.05",
        "CALLBACK_IDLE_SECONDS": "0.05",
        "LIMITS_FILE": str(limits),
    }


@pytest.fixture(scope="module")
async def notify(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Running]:
    folder = tmp_path_factory.mktemp("callbacks")
    (folder / "limits.toml").write_text(LIMITS)
    async with running("notify", infrastructure, folder, environment(folder / "limits.toml")) as service:
        yield service


@pytest.fixture
def receiver() -> Generator[Receiver]:
    with Receiver() as found:
        yield found


@pytest.fixture
async def partner(notify: Running) -> AsyncGenerator[httpx.AsyncClient]:
    """A partner of the test's own."""
    async with await notify.client("partner", sub=f"partner-{random.token_hex(4)}") as client:
        yield client
        for subscription in (await client.get("/v1/subscriptions")).json()["items"]:
            await client.post(f"/v1/subscriptions/{subscription['id']}/delete")


async def test_a_partner_is_told_and_can_verify_it(
    notify: Running, partner: httpx.AsyncClient, receiver: Receiver
) -> None:
    subscribed = await subscribe(partner, receiver.url, ["qingcheng.router.order.*"])
    happening = Happening(notify)
    await happening.go_on(4)
    await eventually(lambda: len(receiver.taken) >= 2, seconds=PATIENCE)
    orders = [one for one in happening.steps if one[0].startswith("order/")]
    assert [step(came) for came in receiver.taken] == orders  # issues were not asked for
    came = receiver.taken[0]
    Webhook(subscribed.secret).verify(came.body, came.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 44).verify(came.body, came.headers)
    message = HTTPMessage({name.lower(): value for name, value in came.headers.items()}, came.body)
    event = from_structured_event(message, JSONFormat())
    assert (event.get_id(), event.get_source()) == (came.headers["webhook-id"], "/router")
    assert event.get_type() == "qingcheng.router.order.whistle_blown.v1"
    assert event.get_extension("issueid") == happening.issue
    data = event.get_data()
    assert isinstance(data, dict)
    assert data["unit"] == "S150102001"
    await subscribed.until(waiting=0)
    log = await subscribed.log()
    assert [line["event_id"] for line in log] == receiver.ids()[::-1]
    assert {(line["status"], line["attempts"], line["failure"]) for line in log} == {("delivered", 1, None)}


async def test_a_receiver_that_was_down_gets_everything_in_order_per_issue_afterwards(
    notify: Running, partner: httpx.AsyncClient, receiver: Receiver
) -> None:
    subscribed = await subscribe(partner, receiver.url)
    happenings = [Happening(notify) for _ in range(4)]
    await happenings[0].go_on(2)
    await all_taken(receiver, happenings[0])
    receiver.close()
    for _ in range(5):
        for happening in happenings:
            await happening.go_on()
    found = await subscribed.until(failure="connection", waiting=20)
    assert (found["status"], found["failed"]) == ("active", 0)
    assert found["failing_since"] < found["disable_at"]
    receiver.listen()
    await all_taken(receiver, *happenings)
    await subscribed.until(failing_since=None, waiting=0, failed=0)
    assert max(Counter(receiver.ids()).values()) == 1


async def test_a_later_event_waits_behind_an_earlier_one_and_other_issues_go_on(
    notify: Running, partner: httpx.AsyncClient, receiver: Receiver
) -> None:
    stuck, other = Happening(notify), Happening(notify)
    receiver.answer = lambda came: 500 if came.event["issueid"] == stuck.issue else 204
    subscribed = await subscribe(partner, receiver.url)
    await stuck.go_on(3)
    await other.go_on(3)
    await all_taken(receiver, other)
    assert {step(came) for came in receiver.came if came.event["issueid"] == stuck.issue} == {stuck.steps[0]}
    receiver.answer = 204
    await subscribed.until(waiting=0)
    assert stuck.taken(receiver) in (stuck.steps, stuck.steps[1:])  # it may have been given up: see below


async def test_what_alone_keeps_failing_is_given_up_and_visible(
    notify: Running, partner: httpx.AsyncClient, receiver: Receiver
) -> None:
    stuck, other = Happening(notify), Happening(notify)

    def answer(came: Came) -> int:
        return 503 if step(came) == stuck.steps[0] else 204

    receiver.answer = answer
    subscribed = await subscribe(partner, receiver.url)
    await stuck.go_on(1)
    await eventually(lambda: bool(receiver.came), seconds=PATIENCE)
    for _ in range(6):
        await other.go_on()
    await all_taken(receiver, other)
    await subscribed.until(failed=1, waiting=0)
    (failed,) = await subscribed.log(status="failed")
    assert failed["failure"] == "http_503"
    assert failed["attempts"] >= 4
    assert (failed["subject"], failed["ended_at"] is not None) == (stuck.steps[0][0], True)
    await stuck.go_on(1)
    await eventually(lambda: stuck.taken(receiver) == stuck.steps[1:], seconds=PATIENCE)


@pytest.mark.parametrize("status", [302, 400, 401, 404, 422])
async def test_what_is_refused_fails_at_once_and_is_visible(
    notify: Running, partner: httpx.AsyncClient, receiver: Receiver, status: int
) -> None:
    receiver.answer = status
    subscribed = await subscribe(partner, receiver.url)
    await Happening(notify).go_on(1)
    await subscribed.until(failed=1, waiting=0)
    (failed,) = await subscribed.log()
    failure = "redirect" if status == 302 else f"http_{status}"
    assert (failed["status"], failed["attempts"], failed["failure"]) == ("failed", 1, failure)
    assert len(receiver.came) == 1


async def test_retry_after_is_honoured(notify: Running, partner: httpx.AsyncClient, receiver: Receiver) -> None:
    def answer(_: Came) -> int | Answer:
        return (429, {"Retry-After": "2"}) if len(receiver.came) == 1 else 204

    receiver.answer = answer
    await subscribe(partner, receiver.url)
    happening = Happening(notify)
    await happening.go_on(1)
    await all_taken(receiver, happening)
    first, second = receiver.came
    assert second.at - first.at >= 2


async def test_a_slow_receiver_delays_nobody_else(
    notify: Running, partner: httpx.AsyncClient, receiver: Receiver
) -> None:
    with Receiver(hold=threading.Event()) as slow:
        await subscribe(partner, slow.url)
        happening = Happening(notify)
        await happening.go_on(1)
        await eventually(lambda: bool(slow.came), seconds=PATIENCE)
        await subscribe(partner, receiver.url)
        other = Happening(notify)
        await other.go_on(6)
        await all_taken(receiver, other)
        assert slow.taken == []


async def test_a_pause_loses_nothing_and_a_deletion_ends_it(
    notify: Running, partner: httpx.AsyncClient, receiver: Receiver
) -> None:
    subscribed = await subscribe(partner, receiver.url)
    happening = Happening(notify)
    await happening.go_on(2)
    await all_taken(receiver, happening)
    assert (await subscribed.post("pause"))["status_zh"] == "已暂停"
    with Receiver() as other:
        await subscribe(partner, other.url)
        await happening.go_on(1)
        await eventually(lambda: bool(other.taken), seconds=PATIENCE)  # whoever begins later finds the pause in force
        before = len(receiver.taken)
        await happening.go_on(3)
        await eventually(lambda: len(other.taken) >= 4, seconds=PATIENCE)
    assert len(receiver.taken) == before
    await subscribed.post("resume")
    await all_taken(receiver, happening)
    assert (await subscribed.post("delete"))["status"] == "deleted"
    left = (await partner.get("/v1/subscriptions")).json()["items"]
    assert subscribed.id not in [one["id"] for one in left]


async def test_a_replay_sends_history_again_from_a_time_on_under_the_same_ids(
    notify: Running, partner: httpx.AsyncClient, receiver: Receiver
) -> None:
    happening = Happening(notify)
    await happening.go_on(2)
    between = datetime.now(UTC).isoformat()
    await happening.go_on(4)
    subscribed = await subscribe(partner, receiver.url, since=between)
    await eventually(lambda: len(happening.taken(receiver)) >= 4, seconds=PATIENCE)
    first = receiver.ids(happening.issue)
    assert happening.taken(receiver) == happening.steps[2:]
    assert (await subscribed.post("replay", {"since": between}))["round"] == 2
    await eventually(lambda: len(receiver.ids(happening.issue)) >= 8, seconds=PATIENCE)
    assert receiver.ids(happening.issue) == first * 2
    await happening.go_on(1)  # and it goes on from there
    await eventually(lambda: len(receiver.ids(happening.issue)) >= 9, seconds=PATIENCE)
    assert happening.taken(receiver)[-1] == happening.steps[-1]


async def test_more_than_the_queue_holds_comes_all_the_same(
    notify: Running, partner: httpx.AsyncClient, receiver: Receiver
) -> None:
    happenings = [Happening(notify) for _ in range(10)]
    began = datetime.now(UTC).isoformat()
    for _ in range(10):
        for happening in happenings:
            await happening.go_on()
    receiver.close()
    subscribed = await subscribe(partner, receiver.url, since=began)
    await subscribed.until(failure="connection")
    receiver.listen()
    await all_taken(receiver, *happenings)
    assert (await subscribed.until(waiting=0))["failed"] == 0


async def test_a_process_that_dies_loses_nothing(
    notify: Running, partner: httpx.AsyncClient, receiver: Receiver
) -> None:
    subscribed = await subscribe(partner, receiver.url)
    happenings = [Happening(notify) for _ in range(3)]
    for happening in happenings:
        await happening.go_on(1)
    await all_taken(receiver, *happenings)
    await notify.kill()
    for happening in happenings:
        await happening.go_on(3)
    await notify.start()
    await all_taken(receiver, *happenings, once=False)  # a call whose end was not noted is made again
    await subscribed.until(waiting=0)


async def test_two_processes_call_once(notify: Running, partner: httpx.AsyncClient, receiver: Receiver) -> None:
    second = notify.sibling()
    await second.start()
    try:
        await subscribe(partner, receiver.url)
        happenings = [Happening(notify) for _ in range(3)]
        for happening in happenings:
            await happening.go_on(4)
        await all_taken(receiver, *happenings)
    finally:
        await second.stop()


async def test_rubbish_in_a_topic_stops_nobody(
    notify: Running, partner: httpx.AsyncClient, receiver: Receiver, infrastructure: Infrastructure
) -> None:
    await subscribe(partner, receiver.url)
    type_ = b"qingcheng.intake.issue.transferred.v1"
    rubbish = [
        RawRecord(b"k", b"v", [(b"\xff\xfe", b"x")]),
        RawRecord(None, None, [(b"ce_type", type_)]),
        RawRecord(b"k", b"{", [(b"ce_type", type_), (b"ce_id", b"\xff")]),
        RawRecord(None, None, []),
    ]
    topic = notify.topic_prefix + "intake.issues"
    async with raw_producer(infrastructure.kafka) as producer:
        for partition in (0, 1):
            await producer.send(topic, partition, rubbish)
    happening = Happening(notify)
    await happening.go_on(3)
    await all_taken(receiver, happening)


async def test_a_test_ping_says_at_once_what_came_of_it(
    notify: Running, partner: httpx.AsyncClient, receiver: Receiver
) -> None:
    subscribed = await subscribe(partner, receiver.url)
    answer = await subscribed.post("ping")
    (came,) = receiver.came
    Webhook(subscribed.secret).verify(came.body, came.headers)
    assert (answer["outcome"], answer["event_id"]) == ("delivered", came.headers["webhook-id"])
    assert came.event["type"] == "qingcheng.notify.subscription.ping.v1"
    receiver.answer = 503
    answer = await subscribed.post("ping")
    assert (answer["outcome"], answer["failure"]) == ("failed", "http_503")


async def test_a_rotated_secret_overlaps_with_the_one_before(
    notify: Running, partner: httpx.AsyncClient, receiver: Receiver
) -> None:
    subscribed = await subscribe(partner, receiver.url)
    second = (await subscribed.post("rotate-secret", {}))["secret"]
    await subscribed.post("ping")
    came = receiver.came[-1]
    for secret in (subscribed.secret, second):
        Webhook(secret).verify(came.body, came.headers)
    third = (await subscribed.post("rotate-secret", {"keep_previous": False}))["secret"]
    happening = Happening(notify)

    async def signed_anew() -> bool:
        await happening.go_on(1)
        await all_taken(receiver, happening)
        with suppress(WebhookVerificationError):
            return Webhook(third).verify(receiver.came[-1].body, receiver.came[-1].headers) is not None
        return False

    await eventually(signed_anew, seconds=PATIENCE)  # whoever calls looks for changes every CALLBACK_IDLE_SECONDS
    came = receiver.came[-1]
    for secret in (subscribed.secret, second):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(came.body, came.headers)


async def test_secrets_and_urls_are_in_no_table_topic_or_log(
    notify: Running, partner: httpx.AsyncClient, receiver: Receiver, infrastructure: Infrastructure
) -> None:
    url = f"{receiver.url}?token=geheimnis-{random.token_hex(8)}"
    subscribed = await subscribe(partner, url, email="geheimnis@example.invalid")
    happening = Happening(notify)
    await happening.go_on(1)
    await all_taken(receiver, happening)
    topic = notify.topic_prefix + "notify.subscriptions"
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=infrastructure.kafka, auto_offset_reset="earliest")
    kept = bytearray()
    await consumer.start()
    try:

        async def told() -> bool:
            for batch in (await consumer.getmany(timeout_ms=100)).values():
                for record in batch:
                    kept.extend((record.key or b"") + (record.value or b""))
            return subscribed.id.encode() in kept

        await eventually(told, seconds=PATIENCE)
    finally:
        await consumer.stop()
    kept.extend(notify.log.read_bytes())
    connection = await asyncpg.connect(notify.database_url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables:
            for row in await connection.fetch(f'SELECT t::text FROM "{table}" t'):  # noqa: S608
                kept.extend(row[0].encode())
    finally:
        await connection.close()
    assert subscribed.id.encode() in kept
    assert b"geheimnis" not in kept
    assert subscribed.secret.removeprefix("whsec_").encode() not in kept


async def test_a_partner_sees_its_own_only(notify: Running, partner: httpx.AsyncClient, receiver: Receiver) -> None:
    subscribed = await subscribe(partner, receiver.url)
    path = f"/v1/subscriptions/{subscribed.id}"
    async with await notify.client("partner", sub="somebody-else") as other:
        assert (await other.get("/v1/subscriptions")).json()["items"] == []
        refused = [await other.get(path), await other.get(f"{path}/callbacks")]
        for what, body in (
            ("pause", None),
            ("resume", None),
            ("delete", None),
            ("ping", None),
            ("rotate-secret", {}),
            ("move", {"url": receiver.url}),
            ("replay", {"since": "2026-03-02T00:00:00Z"}),
        ):
            refused.append(await other.post(f"{path}/{what}", json=body))
        assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(404, "subscription.not_found")}
    async with await notify.client("admin", sub="ops-01") as admin:
        assert subscribed.id in [one["id"] for one in (await admin.get("/v1/subscriptions")).json()["items"]]
        assert (await admin.post(f"{path}/pause")).json()["status"] == "paused"
    assert (await subscribed.get())["version"] == 2


async def test_what_cannot_be_subscribed_to_is_named(
    notify: Running, partner: httpx.AsyncClient, receiver: Receiver
) -> None:
    async def refusal(**changes: object) -> tuple[int, str, str]:
        body = {"url": receiver.url, "types": TYPES, **changes}
        answer = await partner.post("/v1/subscriptions", json=body)
        problem = answer.json()
        return answer.status_code, problem["code"], problem["errors"][0]["field"]

    private = "subscription.target_not_public"
    assert await refusal(url="https://10.0.0.1/hook") == (422, private, "url")
    assert await refusal(url="https://[::1]/hook") == (422, private, "url")
    assert await refusal(url="https://169.254.169.254/latest/meta-data") == (422, private, "url")
    assert await refusal(url="ftp://127.0.0.1/") == (422, "subscription.target_invalid", "url")
    for email in ("ops", "ops@partner", "a b@partner.example", "ops@partner.example\r\nBcc: x@partner.example"):
        assert await refusal(email=email) == (422, "request.invalid", "email")
    assert await refusal(types=["qingcheng.intake.caller.*"]) == (422, "subscription.unknown_type", "types")
    assert await refusal(since="2999-01-01T00:00:00Z") == (422, "subscription.since_in_future", "since")
    assert (await refusal(types=[]))[:2] == (422, "request.invalid")
    for _ in range(2):
        await subscribe(partner, receiver.url)
    answer = await partner.post("/v1/subscriptions", json={"url": receiver.url, "types": TYPES})
    assert (answer.status_code, answer.json()["code"]) == (409, "subscription.too_many")


async def test_a_repeated_request_subscribes_once_and_shows_no_secret_again(
    partner: httpx.AsyncClient, receiver: Receiver
) -> None:
    key = {"Idempotency-Key": random.token_hex(8)}
    body = {"url": receiver.url, "types": TYPES}
    first = (await partner.post("/v1/subscriptions", json=body, headers=key)).json()
    again = (await partner.post("/v1/subscriptions", json=body, headers=key)).json()
    assert first["secret"].startswith("whsec_")
    assert again == first | {"secret": None}
    assert len((await partner.get("/v1/subscriptions")).json()["items"]) == 1


async def test_a_repeated_request_is_answered_also_where_another_one_would_be_too_many(
    partner: httpx.AsyncClient, receiver: Receiver
) -> None:
    key, body = {"Idempotency-Key": random.token_hex(8)}, {"url": receiver.url, "types": TYPES}
    await subscribe(partner, receiver.url)
    first = await partner.post("/v1/subscriptions", json=body, headers=key)
    again = await partner.post("/v1/subscriptions", json=body, headers=key)
    assert (again.status_code, again.json()) == (201, first.json() | {"secret": None})
    other = await partner.post("/v1/subscriptions", json=body | {"types": TYPES[:1]}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")
    more = await partner.post("/v1/subscriptions", json=body, headers={"Idempotency-Key": random.token_hex(8)})
    assert (more.status_code, more.json()["code"]) == (409, "subscription.too_many")


async def test_after_a_day_of_failure_it_is_disabled_with_notice_and_resumed_with_all_it_missed(
    infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory, receiver: Receiver
) -> None:
    folder = tmp_path_factory.mktemp("disabled")
    (folder / "limits.toml").write_text(
        LIMITS.replace("[counts]", 'callback_disable = {amount = 0.03, unit = "minutes", source = "tests"}\n[counts]')
    )
    mail = FaultyMailServer({"ops@partner.example": ["554 5.7.1 not this one", ""]})
    env = environment(folder / "limits.toml") | {"SMTP_PORT": str(mail.start())}
    async with running("notify", infrastructure, folder, env) as notify:
        async with await notify.client("partner", sub="partner-01") as client:
            subscribed = await subscribe(client, receiver.url, email="Ops@Partner.example")
            receiver.close()
            happenings = [Happening(notify) for _ in range(2)]
            for happening in happenings:
                await happening.go_on(3)
            found = await subscribed.until(status="disabled")
            assert (found["disabled_for"], found["status_zh"], found["waiting"]) == ("failing", "已停用", 6)
            await _notice_failed(notify, subscribed.id)
            for happening in happenings:
                await happening.go_on(3)
            receiver.listen()
            assert receiver.taken == []
            await subscribed.post("resume")
            await all_taken(receiver, *happenings)
            receiver.answer = 410
            await happenings[0].go_on(1)
            assert (await subscribed.until(status="disabled"))["disabled_for"] == "gone"
            await eventually(lambda: bool(mail.taken), seconds=PATIENCE)
            (notice,) = mail.taken
            assert (notice["To"], notice["Subject"]) == ("ops@partner.example", "青城：您的事件订阅已停用")
            assert f"/v1/subscriptions/{subscribed.id}/resume" in notice.get_content()
            receiver.answer = 204
            await subscribed.post("resume")
            await all_taken(receiver, *happenings)
        await _nothing_goes_inside(notify, subscribed, receiver)
        assert mail.asked == {"ops@partner.example": 2}  # once for each time
    mail.close()


async def _notice_failed(notify: Running, subscription_id: str) -> None:
    """The mail server does not take the notice: whoever runs the city's machines sees it, and nobody else does."""
    async with await notify.client("admin", sub="ops-01") as admin, await notify.client("agent") as agent:

        async def there() -> bool:
            return bool((await admin.get("/v1/undelivered")).json()["items"])

        await eventually(there, seconds=PATIENCE)
        (failed,) = (await admin.get("/v1/undelivered")).json()["items"]
        assert (failed["subscription_id"], failed["failure"]) == (subscription_id, "refused_554")
        assert (failed["template"], failed["urgent"]) == ("subscription_failing", False)
        assert (await agent.get("/v1/undelivered")).json()["items"] == []
        handled = await admin.post(f"/v1/deliveries/{failed['id']}/handle", json={"how": "phone"})
        assert handled.json()["status"] == "handled"


async def _nothing_goes_inside(notify: Running, subscribed: Subscribed, receiver: Receiver) -> None:
    """The same receiver after the configuration has stopped to allow its network: refused when it is called."""
    await notify.stop()
    notify.env = notify.env | {"CALLBACK_LOCAL_NETWORKS": ""}
    await notify.start()
    before = receiver.connections
    async with await notify.client("partner", sub="partner-01") as client:
        inside = Subscribed(client, subscribed.id, subscribed.secret)
        await Happening(notify).go_on(1)
        await inside.until(waiting=1)
        await eventually(lambda: _refused(inside), seconds=PATIENCE)
        answer = await client.post("/v1/subscriptions", json={"url": receiver.url, "types": TYPES})
        assert answer.json()["code"] == "subscription.target_not_public"
    assert receiver.connections == before


async def _refused(subscribed: Subscribed) -> bool:
    return [line["failure"] for line in await subscribed.log(status="waiting")] == ["refused_target"]

"""The local SMS gateway, over HTTP."""

import uuid
from collections.abc import Generator
from typing import Any

import httpx
import pytest

MESSAGE = {"to": "13800001234", "template": "accepted", "text": "您反映的事项已受理。"}


@pytest.fixture(scope="module")
def server(sms_gateway: str) -> Generator[httpx.Client]:
    with httpx.Client(base_url=sms_gateway) as client:
        yield client


@pytest.fixture
def gateway(server: httpx.Client) -> httpx.Client:
    server.put("/faults", json={"mode": "ok"}).raise_for_status()
    return server


@pytest.fixture
def key() -> str:
    return uuid.uuid4().hex


def send(gateway: httpx.Client, key: str, **changed: str) -> httpx.Response:
    return gateway.post("/messages", json=MESSAGE | changed, headers={"Idempotency-Key": key})


def sent(gateway: httpx.Client, key: str) -> list[dict[str, Any]]:
    return [message for message in gateway.get("/messages").json() if message["key"].startswith(key)]


def test_a_key_sends_once(gateway: httpx.Client, key: str) -> None:
    first, again = send(gateway, key), send(gateway, key)
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert send(gateway, key, text="别的内容").status_code == 422
    assert sent(gateway, key) == [MESSAGE | {"key": key, "id": first.json()["id"], "calls": 3}]


def test_a_call_without_a_key_or_with_a_wrong_body_is_refused(gateway: httpx.Client, key: str) -> None:
    assert gateway.post("/messages", json=MESSAGE).status_code == 422
    assert gateway.post("/messages", json={}, headers={"Idempotency-Key": key}).status_code == 422
    assert sent(gateway, key) == []


def test_it_fails_as_often_as_told(gateway: httpx.Client, key: str) -> None:
    gateway.put("/faults", json={"mode": "error", "rate": 0.25}).raise_for_status()
    codes = [send(gateway, f"{key}-{number}").status_code for number in range(8)]
    assert codes == [202, 202, 202, 500, 202, 202, 202, 500]
    assert len(sent(gateway, key)) == 6
    gateway.put("/faults", json={"mode": "ok"}).raise_for_status()
    assert send(gateway, f"{key}-3").status_code == 202
    assert [message["calls"] for message in sent(gateway, f"{key}-3")] == [2]


def test_it_asks_to_slow_down(gateway: httpx.Client, key: str) -> None:
    gateway.put("/faults", json={"mode": "rate_limit", "seconds": 7}).raise_for_status()
    refused = send(gateway, key)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    assert sent(gateway, key) == []


def test_a_lost_answer_has_sent_the_message(gateway: httpx.Client, key: str) -> None:
    gateway.put("/faults", json={"mode": "hang", "seconds": 60}).raise_for_status()
    with pytest.raises(httpx.ReadTimeout):
        gateway.post("/messages", json=MESSAGE, headers={"Idempotency-Key": key}, timeout=0.2)
    gateway.put("/faults", json={"mode": "ok"}).raise_for_status()
    assert send(gateway, key).status_code == 202
    assert [message["calls"] for message in sent(gateway, key)] == [2]

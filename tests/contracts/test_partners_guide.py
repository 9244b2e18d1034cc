"""The program in docs/partners.md is run, on records as the services write them."""

import re
import runpy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.v1.event import CloudEvent
from jsonschema import ValidationError
from standardwebhooks.webhooks import WebhookVerificationError

from contracts.envelope import encode
from contracts.topics import TOPICS
from services.intake.__main__ import SERVICE as intake
from services.mediation.__main__ import SERVICE as mediation
from services.notify.__main__ import SERVICE as notify
from services.notify.callback_feed import structured
from services.notify.event_filter import WITHHELD
from services.notify.webhook_call import signed
from services.router.__main__ import SERVICE as router
from tests.acls import acls
from tests.contracts.test_envelope import ENVELOPE, EVENT

GUIDE = (Path(__file__).parents[2] / "docs" / "partners.md").read_text("utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="  # noqa: S105
Handle = Callable[[bytes, bytes, list[tuple[str, bytes]]], CloudEvent | None]


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Handle:
    """Return the guide's function, in a program that has read nothing yet."""
    monkeypatch.setenv("SCHEMAS", str(Path(__file__).parents[2] / "contracts" / "schemas"))
    program = tmp_path / "partner.py"
    program.write_text(PROGRAMS[0], "utf-8")
    function: Handle = runpy.run_path(str(program))["handle"]
    return function


def test_it_reads_each_event_once_and_in_order(handle: Handle) -> None:
    first, second, third = (encode(ENVELOPE._replace(sequence=sequence)) for sequence in (1, 2, 3))
    event = handle(*first)
    assert event is not None
    assert event.get_data() == EVENT.model_dump(mode="json")
    assert handle(*first) is None
    with pytest.raises(RuntimeError, match="2 is missing"):
        handle(*third)
    assert handle(*second) is not None
    assert handle(*third) is not None


def test_it_refuses_what_its_schema_refuses(handle: Handle) -> None:
    with pytest.raises(ValidationError):
        handle(*encode(ENVELOPE._replace(sequence=1, data=b'{"agency": "114", "by": "A10086"}')))


def test_it_passes_over_a_type_that_it_does_not_know(handle: Handle) -> None:
    assert handle(*encode(ENVELOPE._replace(sequence=1, type="qingcheng.intake.issue.invented.v1"))) is None
    assert handle(*encode(ENVELOPE._replace(sequence=2))) is not None


Take = Callable[[dict[str, str], bytes], dict[str, Any] | None]


@pytest.fixture
def take(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Take:
    """Return the function of the guide's receiver of callbacks, which has taken nothing yet."""
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    program = tmp_path / "hook.py"
    program.write_text(PROGRAMS[1], "utf-8")
    function: Take = runpy.run_path(str(program))["take"]
    return function


def called(at: datetime, secrets: list[str]) -> tuple[dict[str, str], bytes]:
    """A callback as notify makes it."""
    body = structured(ENVELOPE)
    return signed(ENVELOPE.id, body, secrets, at), body.encode()


def test_the_receiver_takes_each_callback_once(take: Take) -> None:
    headers, body = called(datetime.now(UTC), [SECRET])
    event = take(headers, body)
    assert event is not None
    assert (event["id"], event["sequence"]) == (ENVELOPE.id, str(ENVELOPE.sequence))
    assert event["data"] == EVENT.model_dump(mode="json")
    assert take(headers, body) is None


def test_the_receiver_knows_its_secret_among_those_that_overlap(take: Take) -> None:
    assert take(*called(datetime.now(UTC), ["whsec_" + "A" * 44, SECRET])) is not None


def test_the_receiver_refuses_what_is_forged_or_old(take: Take) -> None:
    headers, body = called(datetime.now(UTC), [SECRET])
    forged = [
        (headers, body.replace(b"/intake", b"/router")),
        (headers | {"webhook-id": "another"}, body),
        called(datetime.now(UTC), ["whsec_" + "A" * 44]),
        called(datetime.now(UTC) - timedelta(minutes=6), [SECRET]),
        ({}, body),
    ]
    for one in forged:
        with pytest.raises(WebhookVerificationError):
            take(*one)


def test_the_guide_says_who_may_read_what() -> None:
    """By what the services subscribe to and own; a partner reads what webhooks offer, too."""
    rows = re.findall(r"^\| `User:([a-z]+)` \| (.*?) \| (.*?) \|", GUIDE, re.MULTILINE)
    subscribed = {service.name: set(service.topics) for service in (intake, router, mediation, notify)}
    subscribed["notify"] = set()  # every topic
    assert {name: set(re.findall(r"`(.*?)`", reads)) for name, reads, _ in rows} == subscribed
    owned: dict[str, set[str]] = {}
    for topic in TOPICS.values():
        owned.setdefault(topic.owner, set()).add(topic.name)
    assert {name: set(re.findall(r"`(.*?)`", writes)) for name, _, writes in rows} == owned
    granted = {acl.name for acl in acls(GUIDE) if acl.principal == "User:partner-01" and acl.kind == "topic"}
    assert granted == set(TOPICS) - WITHHELD
    assert {acl.name for acl in acls(GUIDE) if acl.principal == "User:router" and acl.operation == "Read"} == {
        "router",
        *router.topics,
    }


def test_the_guide_names_every_topic() -> None:
    assert re.findall(r"^\| `([a-z.]+)` \| `([a-z]+)/<id>`", GUIDE, re.MULTILINE) == [
        (topic.name, topic.aggregate) for topic in TOPICS.values()
    ]

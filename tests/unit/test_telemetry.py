"""Traces go on across services, and neither they nor logs hold what a citizen wrote."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Generator
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel, ValidationError

from chassis import logs, telemetry
from chassis.busy_http_client import BusyHttpClient
from chassis.http_client import HttpClient
from tests.unit.edge_app import client_of, served
from tests.unit.local_issuer import LocalIssuer

PHONE = "13800001234"
SAID = "我家漏水"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
def exporter() -> InMemorySpanExporter:
    """Every span that this process makes; a process has one tracer provider, and this module sets it."""
    made = InMemorySpanExporter()
    telemetry.configure("edges", SimpleSpanProcessor(made))
    return made


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> InMemorySpanExporter:
    exporter.clear()
    return exporter


def servers(spans: InMemorySpanExporter) -> list[ReadableSpan]:
    return [span for span in spans.get_finished_spans() if span.kind is trace.SpanKind.SERVER]


async def test_a_request_continues_its_callers_trace(client: httpx.AsyncClient, spans: InMemorySpanExporter) -> None:
    await client.post("/v1/things", json={"text": "好"}, headers={"traceparent": PARENT})
    (server,) = servers(spans)
    assert server.name == "POST /v1/things"
    assert server.parent is not None
    assert [f"{server.parent.trace_id:032x}", f"{server.parent.span_id:016x}"] == PARENT.split("-")[1:3]


async def test_two_services_share_one_trace(app: FastAPI, spans: InMemorySpanExporter) -> None:
    async with served(app) as url, HttpClient() as caller:
        with trace.get_tracer("test").start_as_current_span("outer") as outer:
            await caller.get(f"{url}/v1/things/fail/absent?phone={PHONE}")
        expected = outer.get_span_context().trace_id
    assert {span.context.trace_id for span in spans.get_finished_spans()} == {expected}
    assert [span.kind.name for span in spans.get_finished_spans()] == ["SERVER", "CLIENT", "INTERNAL"]
    assert PHONE not in "".join(span.to_json() for span in spans.get_finished_spans())


async def test_spans_hold_no_query_and_no_address(client: httpx.AsyncClient, spans: InMemorySpanExporter) -> None:
    await client.get("/v1/things", params={"at": "x", "cursor": PHONE}, headers={"User-Agent": "Someone"})
    await client.get("/v1/things/fail/defect")
    shown = "".join(span.to_json() for span in spans.get_finished_spans())
    assert "/v1/things" in shown
    for private in (PHONE, "cursor", "Someone", "127.0.0.1"):
        assert private not in shown


async def test_health_is_not_traced(app: FastAPI, spans: InMemorySpanExporter) -> None:
    async with client_of(app) as anonymous:
        for path in ("/livez", "/readyz", "/metrics"):
            await anonymous.get(path)
    assert servers(spans) == []


def test_a_span_goes_on_in_the_trace_of_its_traceparent(exporter: InMemorySpanExporter) -> None:
    with trace.get_tracer("test").start_as_current_span("here", telemetry.context_from(PARENT)) as span:
        assert PARENT.split("-")[1] == telemetry.current_trace_id()
        assert f"{span.get_span_context().span_id:016x}" == telemetry.current_span_id()
    assert telemetry.current_trace_id() is None


@pytest.mark.parametrize("malformed", [None, "", "rubbish", PARENT.replace("0af765", "XXXXXX")])
def test_a_malformed_traceparent_starts_a_new_trace(malformed: str | None) -> None:
    assert not trace.get_current_span(telemetry.context_from(malformed)).get_span_context().is_valid


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Generator[io.StringIO]:
    written = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "stdout", written)
    logs.configure("edges", "INFO")
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def entries(output: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_an_entry(output: io.StringIO, exporter: InMemorySpanExporter) -> None:
    with trace.get_tracer("test").start_as_current_span("here", telemetry.context_from(PARENT)):
        structlog.stdlib.get_logger("chassis.relay").info("published", count=3, subject="order/1")
    (entry,) = entries(output)
    assert entry.pop("timestamp").endswith("Z")
    assert len(entry.pop("span_id")) == 16
    assert entry == {
        "event": "published",
        "count": 3,
        "subject": "order/1",
        "level": "info",
        "logger": "chassis.relay",
        "service": "edges",
        "trace_id": PARENT.split("-")[1],
    }


def test_personal_data_is_redacted_at_any_depth(output: io.StringIO) -> None:
    log = structlog.stdlib.get_logger("x")
    log.info(f"called {PHONE}", phone="1", contact={"a": 1}, deep=[{"Name": "赵示例", "ok": 7, "said": f"to {PHONE}."}])
    log.info("by %s of %s", "15012340000", "150102199001011234")
    logging.getLogger("library").warning("no answer from %s", PHONE)
    assert "赵示例" not in output.getvalue()
    assert PHONE not in output.getvalue()
    first, second, third = entries(output)
    assert (first["event"], first["phone"], first["contact"]) == ("called [redacted]", "[redacted]", "[redacted]")
    assert first["deep"] == [{"Name": "[redacted]", "ok": 7, "said": "to [redacted]."}]
    assert second["event"] == "by [redacted] of [redacted]"
    assert (third["event"], third["logger"]) == ("no answer from [redacted]", "library")


def test_ids_are_not_taken_for_numbers(output: io.StringIO) -> None:
    issue = "13800001-2345-7345-8345-138000012345"
    structlog.stdlib.get_logger("x").info("handled", id=issue, trace="a" * 20 + "13800001234b")
    assert entries(output)[0]["id"] == issue


class Appeal(BaseModel):
    text: int


def test_exceptions_keep_their_frames_and_lose_their_data(output: io.StringIO) -> None:
    log = structlog.stdlib.get_logger("x")
    try:
        try:
            Appeal.model_validate({"text": SAID})
        except ValidationError as fault:
            raise LookupError(f"nobody at {PHONE}") from fault
    except LookupError:
        log.exception("failed")
    (entry,) = entries(output)
    assert "test_telemetry.py" in entry["exception"]
    assert "text: int_parsing" in entry["exception"]
    assert "LookupError: nobody at [redacted]" in entry["exception"]
    assert SAID not in output.getvalue()


@pytest.mark.parametrize("came", [PARENT, "rubbish", None])
def test_without_a_collector_a_request_has_the_ids_that_came_or_new_ones(
    monkeypatch: pytest.MonkeyPatch, came: str | None
) -> None:
    monkeypatch.setattr(telemetry, "keeps_spans", lambda: False)
    found = []
    for _ in range(2):
        with telemetry.ids_of_request([(b"host", b"x"), *([(b"traceparent", came.encode())] if came else [])]):
            found.append(telemetry.current_trace_id())
        assert telemetry.current_trace_id() is None
    if came == PARENT:
        assert found == [PARENT[3:35]] * 2
    else:
        assert None not in found
        assert len(set(found)) == 2


async def test_without_a_collector_a_busy_client_passes_on_the_ids_that_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "keeps_spans", lambda: False)
    heads: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server, BusyHttpClient() as caller:
        with telemetry.ids_of_request([(b"traceparent", PARENT.encode())]):
            await caller.get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    assert f"traceparent: {PARENT}" in heads[0]


async def test_a_defect_is_logged_with_its_trace(
    output: io.StringIO, client: httpx.AsyncClient, exporter: InMemorySpanExporter, issuer: LocalIssuer
) -> None:
    answer = await client.get("/v1/things/fail/defect?text=private")
    (entry,) = [entry for entry in entries(output) if entry["event"] == "request_failed"]
    assert entry["trace_id"] in answer.json()["detail"]
    assert "RuntimeError: the caller is [redacted]" in entry["exception"]
    assert "private" not in output.getvalue()

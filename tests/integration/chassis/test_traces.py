"""One trace leads from the first call through topics to every effect."""

import json
from collections.abc import Generator

import pytest
from asyncpg.pool import Pool
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis.aggregate import To
from chassis.consumer import Consumer
from chassis.deadlines import Sweeper
from chassis.reader import Reader
from chassis.relay import Relay
from chassis.work import Work
from tests.integration.chassis.broker import envelope, read_all
from tests.integration.chassis.process import Process, count, events_of
from tests.integration.chassis.sample import Accept, FollowUp, Register, an_id, issues, order_of, reactions
from tests.integration.chassis.test_deadlines import PAST
from tests.polling import eventually

tracer = trace.get_tracer("tests")


@pytest.fixture
def spans() -> Generator[InMemorySpanExporter]:
    """What the process records; some test before may have set the process's provider already."""
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider(shutdown_on_exit=False)
        trace.set_tracer_provider(provider)
    exporter = InMemorySpanExporter()
    processor = SimpleSpanProcessor(exporter)
    provider.add_span_processor(processor)
    yield exporter
    processor.shutdown()


async def call(process: Process, command: To) -> str:
    """Send a command as a caller over HTTP does, in a span of its own; returns the trace id."""
    with tracer.start_as_current_span("caller", context=Context()) as span:
        parent = trace.set_span_in_context(span)
        await process.pipeline.submit(Work(to=[command], actor="agent-1", identity=an_id(), parent=parent))
        return f"{span.get_span_context().trace_id:032x}"


def trace_of(span: ReadableSpan) -> str:
    return f"{span.context.trace_id:032x}"


def links_of(span: ReadableSpan) -> set[str]:
    return {f"{link.context.trace_id:032x}" for link in span.links}


def named(exporter: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in exporter.get_finished_spans() if span.name == name]


async def test_call_event_and_reaction_are_one_trace(
    process: Process, pool: Pool, migrated: str, kafka: str, topics: str, spans: InMemorySpanExporter
) -> None:
    issue = an_id()
    first = await call(process, To(issues, issue, Register()))
    second = await call(process, To(issues, issue, Accept()))
    third = await call(process, To(issues, issue, FollowUp()))
    assert len({first, second, third}) == 3
    process.start(Relay(migrated, kafka, "intake", topics).run())
    reader = Reader(reactions, topics)
    process.start(Consumer(kafka, topics, [topics + "intake.issues"], reader, process.pipeline).run())

    async def arrived() -> bool:
        return await count(pool, "orders", "state->>'reminders' = '1'") == 1

    await eventually(arrived)
    for record, hop in zip(await read_all(kafka, topics + "intake.issues"), (first, second, third), strict=True):
        assert (envelope(record).traceparent or "")[3:35] == first  # the trace that started the issue
        assert dict(record.headers)["traceparent"][3:35].decode() == hop  # the call just before
    (opened,), (reminded,) = named(spans, "order Open"), named(spans, "order Remind")
    assert trace_of(opened) == trace_of(reminded) == first
    assert second in links_of(opened)
    assert third in links_of(reminded)
    for row in await events_of(pool, order_of(issue)):
        assert json.loads(row["meta"])["traceparent"][3:35] == first
    (follow_up,) = named(spans, "issue FollowUp")
    assert trace_of(follow_up) == third
    assert first in links_of(follow_up)


async def test_a_deadline_stays_in_the_trace_of_its_aggregate(
    process: Process, pool: Pool, spans: InMemorySpanExporter
) -> None:
    first = await call(process, To(issues, an_id(), Register(PAST)))
    process.start(Sweeper(pool, process.pipeline, [issues], 0.01).run())

    async def rung() -> bool:
        return await count(pool, "events") == 2

    await eventually(rung)
    (ring,) = named(spans, "issue Ring")
    assert trace_of(ring) == first


async def test_a_batch_is_linked_to_all_that_is_in_it(process: Process, spans: InMemorySpanExporter) -> None:
    with tracer.start_as_current_span("caller", context=Context()) as one:
        parents = [trace.set_span_in_context(one)]
    with tracer.start_as_current_span("caller", context=Context()) as other:
        parents.append(trace.set_span_in_context(other))
    works = [Work(to=[To(issues, an_id(), Register())], actor="a", identity=an_id(), parent=p) for p in parents]
    for future in [process.pipeline.submit(work) for work in works]:
        await future
    (batch,) = named(spans, "pipeline.batch")
    assert links_of(batch) == {f"{span.get_span_context().trace_id:032x}" for span in (one, other)}
    assert trace_of(batch) not in links_of(batch)

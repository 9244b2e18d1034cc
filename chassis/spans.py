"""Spans of the pipeline: one per batch, and one per work in the trace that it belongs to.

What an event or a deadline causes belongs to the trace that started the aggregate; what a caller asks over HTTP to
the caller's trace, linked to the aggregate's. So one trace id leads through all services (docs/adr/0005).
"""

from contextlib import ExitStack

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanContext

from chassis.telemetry import context_from, keeps_spans
from chassis.work import Work

_NO_TRACE = f"00-{'0' * 32}"
_tracer = trace.get_tracer("qingcheng.pipeline")


def start_batch(stack: ExitStack, batch: list[Work]) -> None:
    """Open the span of one transaction, linked to everything that is in it."""
    if not keeps_spans():
        return
    links = [Link(_span_context(parent)) for work in batch if (parent := _parent(work))]
    # No exception messages in traces: they may quote what a citizen wrote.
    stack.enter_context(
        _tracer.start_as_current_span("pipeline.batch", context=Context(), links=links, record_exception=False)
    )


def start_work(stack: ExitStack, work: Work, origin: str | None) -> tuple[Span, str]:
    """Open the span of one work; return it and its ``traceparent``.

    ``origin`` is the traceparent that started the aggregate it goes to. Where nobody keeps spans, the caller's stands
    for it, if there is one; then nothing needs to be parsed, because what an event carries has been checked.
    """
    envelope = work.arrival.envelope if work.arrival is not None else None
    came = envelope.traceparent if envelope is not None else None
    if came is not None and not came.startswith(_NO_TRACE) and not keeps_spans():
        return trace.INVALID_SPAN, came
    parent = _parent(work) or context_from(origin)
    caller = trace.get_current_span(parent)
    if caller.get_span_context().is_valid and not keeps_spans():
        return caller, traceparent(caller)
    related = [traceparent for traceparent in (_hop(work), origin) if traceparent]
    links = [Link(_span_context(context_from(traceparent))) for traceparent in related]
    span = _tracer.start_span(work.name, context=parent, links=links)
    stack.callback(span.end)
    return span, traceparent(span)


def traceparent(span: Span) -> str:
    """A span as W3C ``traceparent``."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _parent(work: Work) -> Context | None:
    """The trace that a work belongs to by itself: its caller's, or the one that its event carries."""
    envelope = work.arrival.envelope if work.arrival is not None else None
    return work.parent if envelope is None else context_from(envelope.traceparent)


def _hop(work: Work) -> str | None:
    """The ``traceparent`` of the step just before, which the producer sends beside that of the event."""
    for name, value in work.arrival.record.headers if work.arrival is not None else ():
        if name == "traceparent" and value is not None:
            return value.decode("ascii", errors="replace")
    return None


def _span_context(context: Context) -> SpanContext:
    return trace.get_current_span(context).get_span_context()

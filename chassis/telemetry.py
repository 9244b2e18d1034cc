"""OpenTelemetry traces: one trace from the HTTP call through every service and topic.

FastAPI makes its own server spans as soon as a tracer provider is set (``chassis.api`` says which);
``chassis.http_client`` passes traces on to other services; the Kafka hop is written by hand where records are produced
and consumed.
"""

from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from fastapi.telemetry import TelemetryConfig
from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased
from opentelemetry.trace import NonRecordingSpan, SpanContext
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_IDS = RandomIdGenerator()
_PROPAGATOR = TraceContextTextMapPropagator()
_UNTRACED_PATHS = frozenset({"/livez", "/readyz", "/metrics"})
_WHOLE_URLS = ("url.full", "http.url", "http.target")
_PERSONAL = ("url.query", "client.address", "user_agent.original", "net.peer.ip", "http.user_agent")


class _Scrubber(SpanProcessor):
    """Keeps query strings and callers' addresses out of spans, whichever library put them there."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        attributes = span.attributes or {}
        for name in _PERSONAL:
            if name in attributes:
                span.set_attribute(name, "")
        for name in _WHOLE_URLS:
            if isinstance(url := attributes.get(name), str) and ("?" in url or "@" in url):
                span.set_attribute(name, _without_query(url))


def _without_query(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def configure(service_name: str, processor: SpanProcessor | None) -> TracerProvider:
    """Set the process's tracer provider; call it once, before the first request.

    Every trace is recorded, unless its caller decided otherwise, and its spans go to ``processor``. Without one,
    nothing is recorded, but ids still reach logs and events. The caller runs ``shutdown()`` of the provider at its
    end, which sends what is left.
    """
    provider = TracerProvider(
        sampler=ALWAYS_OFF if processor is None else ParentBased(root=ALWAYS_ON),
        resource=Resource.create({SERVICE_NAME: service_name}),
        shutdown_on_exit=False,
    )
    if processor is not None:
        provider.add_span_processor(_Scrubber())
        provider.add_span_processor(processor)
    trace.set_tracer_provider(provider)
    return provider


def keeps_spans() -> bool:
    """Whether spans of this process go anywhere; if not, the ids that came are passed on as they are."""
    return getattr(trace.get_tracer_provider(), "sampler", None) is not ALWAYS_OFF


def otlp(endpoint: str) -> SpanProcessor:
    """Sends spans over OTLP/HTTP to the collector whose base URL is ``endpoint``."""
    # Imported here because it costs memory that a process without a collector need not spend.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"))


def _is_untraced(scope: MutableMapping[str, Any]) -> bool:
    return scope.get("path") in _UNTRACED_PATHS or not keeps_spans()


@contextmanager
def ids_of_request(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[None]:
    """Where nobody keeps spans: the ids that came with a request, else new ones, are current, for logs and events.

    A span that is thrown away would have the same ids, and was a twelfth of what a command over HTTP costs.
    """
    if keeps_spans():
        yield
        return
    came = next((value for name, value in headers if name == b"traceparent"), b"").decode("latin-1")
    found = _PROPAGATOR.extract({"traceparent": came} if came else {}, context=Context())
    if not found:
        ids = SpanContext(_IDS.generate_trace_id(), _IDS.generate_span_id(), is_remote=False)
        found = trace.set_span_in_context(NonRecordingSpan(ids), Context())
    token = context.attach(found)
    try:
        yield
    finally:
        context.detach(token)


def server_spans() -> TelemetryConfig:
    """What FastAPI records by itself: one server span per request, no inner spans, no logs, no metrics."""
    return {
        "tracing": True,
        "operation_spans": False,
        "metrics": False,
        "logs": False,  # they would carry exception messages, which may repeat what a citizen wrote
        "auto_configure": False,
        "exclude": _is_untraced,
    }


@lru_cache(maxsize=4096)  # all events of an issue carry the same one
def context_from(traceparent: str | None) -> Context:
    """The context of a ``traceparent``; an absent or malformed one starts a new trace."""
    return _PROPAGATOR.extract({"traceparent": traceparent} if traceparent else {}, context=Context())


def current_trace_id() -> str | None:
    """The current trace's id as 32 hexadecimal digits, or None outside of any trace."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def current_span_id() -> str | None:
    """The current span's id as 16 hexadecimal digits, or None outside of any trace."""
    context = trace.get_current_span().get_span_context()
    return f"{context.span_id:016x}" if context.is_valid else None

"""A collector that speaks OTLP over HTTP, as any real one does, and remembers every span."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True, slots=True)
class SeenSpan:
    """A span as it left a process; ``content`` is all of it as text."""

    service: str
    trace_id: str
    name: str
    content: str


@dataclass(slots=True)
class Collector:
    """``spans`` grows from another thread; read a copy."""

    url: str
    _spans: list[SeenSpan] = field(default_factory=list)

    @property
    def spans(self) -> list[SeenSpan]:
        """What has come in so far."""
        return list(self._spans)

    def take(self, body: bytes) -> None:
        """Read one export."""
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            names = {one.key: one.value.string_value for one in resource.resource.attributes}
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self._spans.append(
                        SeenSpan(names["service.name"], span.trace_id.hex(), span.name, f"{resource.resource}{span}")
                    )


@contextmanager
def collecting() -> Generator[Collector]:
    """A collector on a free port, until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector = Collector(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()

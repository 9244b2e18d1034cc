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


@dataclass(slots=True)
class Collector:
    """What has come in so far; it grows in another thread."""

    url: str
    exports: list[bytes] = field(default_factory=list)
    """Whole exports as they came: texts stand in them as they are."""
    spans: list[tuple[str, str]] = field(default_factory=list)
    """Service and trace id of every span."""

    def take(self, body: bytes) -> None:
        """Read one export."""
        self.exports.append(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            names = {one.key: one.value.string_value for one in resource.resource.attributes}
            self.spans += [
                (names["service.name"], span.trace_id.hex()) for scope in resource.scope_spans for span in scope.spans
            ]

    def services(self, trace_id: str | None = None) -> set[str]:
        """Which services have sent spans, of any trace or of one."""
        return {service for service, trace in list(self.spans) if trace_id in (None, trace)}


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

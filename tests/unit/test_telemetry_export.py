"""Spans leave a process only when it is told where to, in OTLP over HTTP."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PROGRAM = """
import sys
from chassis import telemetry
provider = telemetry.configure("edges", telemetry.otlp(sys.argv[1]) if len(sys.argv) > 1 else None)
with provider.get_tracer("test").start_as_current_span("work"):
    sys.stdout.write(telemetry.current_trace_id())
provider.shutdown()
sys.stdout.write(" exporting" if any("otlp" in name for name in sys.modules) else " silent")
"""


async def run(*arguments: str) -> list[str]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    async with asyncio.timeout(30):
        output, errors = await child.communicate()
    assert (child.returncode, errors) == (0, b"")
    return output.decode().split()


class Collector(BaseHTTPRequestHandler):
    received: dict[str, bytes]

    def do_POST(self) -> None:
        self.received[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def collector() -> Generator[tuple[str, dict[str, bytes]]]:
    received: dict[str, bytes] = {}
    server = HTTPServer(("127.0.0.1", 0), type("Bound", (Collector,), {"received": received}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", received
    server.shutdown()
    thread.join()
    server.server_close()


async def test_spans_reach_the_collector(collector: tuple[str, dict[str, bytes]]) -> None:
    url, received = collector
    trace_id, mode = await run(url)
    export = ExportTraceServiceRequest.FromString(received["/v1/traces"])
    (resource,) = export.resource_spans
    assert {item.key: item.value.string_value for item in resource.resource.attributes}["service.name"] == "edges"
    (span,) = resource.scope_spans[0].spans
    assert (span.name, span.trace_id.hex(), mode) == ("work", trace_id, "exporting")


async def test_without_an_endpoint_nothing_is_even_loaded() -> None:
    trace_id, mode = await run()
    assert (len(trace_id), mode) == (32, "silent")

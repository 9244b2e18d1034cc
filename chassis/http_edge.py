"""The outermost layer of every API: bounds what comes in, measures it, and answers what nobody foresaw."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.error_handlers import internal_error
from chassis.errors import Invalid, ProblemError, TooLarge, respond
from chassis.metrics import HTTP_REQUEST_SECONDS, HTTP_REQUESTS_TOTAL
from chassis.telemetry import ids_of_request

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class HttpEdge:
    """ASGI middleware; ``max_body_bytes`` bounds a request's body whether or not its length is declared."""

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other kinds of scope pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with ids_of_request(scope["headers"]):
            await self._measured(scope, receive, send)

    async def _measured(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = 0
        started = perf_counter()

        async def noting_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._serve(scope, receive, noting_send)
        except Exception as error:  # the last place that can answer; it is logged, and nothing is known about it
            response = internal_error(error, scope["path"])
            if status:  # too late for an answer: the server must cut the connection
                raise
            await response(scope, receive, noting_send)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = _route(scope)
            HTTP_REQUEST_SECONDS.labels(route, method).observe(perf_counter() - started)
            HTTP_REQUESTS_TOTAL.labels(route, method, status or "aborted").inc()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            receive = await self._bounded(scope, receive)
        except ProblemError as refusal:
            await respond(refusal, scope["path"])(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            raise Invalid("url", "nul_character", "不能含有 NUL 字符（%00）")  # PostgreSQL text cannot hold it
        headers = dict(scope["headers"])
        if b"transfer-encoding" in headers:
            return await self._read(receive)
        # The server holds a client to the length it declares, so that it need not be counted again.
        if int(headers.get(b"content-length", b"0")) > self._max_body_bytes:
            raise TooLarge(self._max_body_bytes)
        return receive

    async def _read(self, receive: Receive) -> Receive:
        """Read a body of undeclared length, at most as far as it may go, and hand it on in one piece."""
        body = bytearray()
        message: Message = {"more_body": True}
        while message.get("more_body", False):
            message = await receive()
            if message["type"] == "http.disconnect":
                return receive
            body += message.get("body", b"")
            if len(body) > self._max_body_bytes:
                raise TooLarge(self._max_body_bytes)
        pending: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replay() -> Message:
            return pending.pop() if pending else await receive()

        return replay


def _route(scope: Scope) -> str:
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else "unmatched"

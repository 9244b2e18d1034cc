"""A local SMS gateway over HTTP: remembers what it was asked to send, and fails when it is told to."""

import argparse
import asyncio
import uuid
from collections import Counter
from enum import StrEnum
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field


class Mode(StrEnum):
    """What a failing call looks like to the caller."""

    OK = "ok"
    ERROR = "error"
    """500, nothing sent."""
    HANG = "hang"
    """Sent, but the answer comes `seconds` late: what a lost answer looks like."""
    RATE_LIMIT = "rate_limit"
    """429 with `Retry-After: seconds`, nothing sent."""


class Faults(BaseModel):
    """`rate`: share of the calls that fail, spread evenly and the same in every run; `seconds`: see `Mode`."""

    mode: Mode = Mode.OK
    rate: float = Field(default=1.0, ge=0, le=1)
    seconds: float = Field(default=1.0, ge=0)


class Message(BaseModel):
    """A text for one telephone number, made from a template."""

    to: str
    template: str
    text: str


class Sent(Message):
    """A message that went out once; `calls` is how often it was asked for with this key, failed calls included."""

    id: str
    key: str
    calls: int


class Gateway:
    """What was sent, by idempotency key, and the faults in force."""

    def __init__(self) -> None:
        self.faults = Faults()
        self._sent: dict[str, tuple[str, Message]] = {}
        self._calls: Counter[str] = Counter()
        self._due = 0.0

    def next_mode(self) -> Mode:
        """Whether this call fails, and how."""
        self._due += self.faults.rate
        if self.faults.mode is Mode.OK or self._due < 1:
            return Mode.OK
        self._due -= 1
        return self.faults.mode

    def tell(self, faults: Faults) -> None:
        """Behave like this from now on."""
        self.faults, self._due = faults, 0.0

    def called(self, key: str) -> None:
        """Count a call, whatever comes of it."""
        self._calls[key] += 1

    def send(self, key: str, message: Message) -> str | None:
        """Send once per key and return the id; None if the key was used for another message."""
        identifier, first = self._sent.setdefault(key, (uuid.uuid4().hex, message))
        return identifier if first == message else None

    def sent(self) -> list[Sent]:
        """Everything that went out, the oldest first."""
        return [
            Sent(id=identifier, key=key, calls=self._calls[key], **message.model_dump())
            for key, (identifier, message) in self._sent.items()
        ]


def create_app() -> FastAPI:
    """A gateway with nothing sent and no faults."""
    app = FastAPI(title="Local SMS gateway")
    gateway = Gateway()

    @app.post("/messages", status_code=202)
    async def post_message(message: Message, idempotency_key: Annotated[str, Header(min_length=1)]) -> JSONResponse:
        gateway.called(idempotency_key)
        mode, seconds = gateway.next_mode(), gateway.faults.seconds
        if mode is Mode.ERROR:
            return JSONResponse({"detail": "told to fail"}, 500)
        if mode is Mode.RATE_LIMIT:
            return JSONResponse({"detail": "told to slow down"}, 429, {"Retry-After": f"{seconds:.0f}"})
        identifier = gateway.send(idempotency_key, message)
        if mode is Mode.HANG:
            await asyncio.sleep(seconds)
        if identifier is None:
            return JSONResponse({"detail": "this Idempotency-Key was used for another message"}, 422)
        return JSONResponse({"id": identifier}, 202)

    @app.get("/messages")
    async def get_messages() -> list[Sent]:
        return gateway.sent()

    @app.put("/faults")
    async def put_faults(faults: Faults) -> Faults:
        gateway.tell(faults)
        return faults

    return app


def main() -> None:
    """Serve on 127.0.0.1."""
    parser = argparse.ArgumentParser(prog="python -m stack.sms_gateway", description="Local SMS gateway")
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    uvicorn.run(create_app(), host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()

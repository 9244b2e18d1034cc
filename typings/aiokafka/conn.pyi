from asyncio import Future, StreamWriter
from collections.abc import Callable
from enum import IntEnum
from typing import Any

class CloseReason(IntEnum):
    CONNECTION_BROKEN = 0

class AIOKafkaConnection:
    send: Callable[..., Future[Any]]
    _writer: StreamWriter | None
    def close(self, reason: CloseReason | None = ..., exc: BaseException | None = ...) -> Future[None]: ...

async def create_conn(host: str, port: int, **options: Any) -> AIOKafkaConnection: ...

"""Lets aiokafka see a broken connection as one under uvloop, too.

What is written to a closed connection asyncio takes and says nothing; uvloop raises RuntimeError, and aiokafka (0.14,
its issue 1038) expects OSError only: the task that wrote, be it fetching, sending or the heartbeat, would end, unseen.
"""

from asyncio import Future
from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError

_send = AIOKafkaConnection.send


def install() -> None:
    """Do so for all connections of this process; to be called where its event loop is chosen."""
    AIOKafkaConnection.send = send


def send(connection: AIOKafkaConnection, request: Any, expect_response: bool = True) -> "Future[Any]":
    """``AIOKafkaConnection.send``; raises ``KafkaConnectionError`` when the other side has gone."""
    try:
        return _send(connection, request, expect_response)
    except RuntimeError as error:
        connection.close(CloseReason.CONNECTION_BROKEN, error)
        raise KafkaConnectionError(str(error)) from error

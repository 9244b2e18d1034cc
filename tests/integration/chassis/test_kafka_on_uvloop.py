"""A connection that the broker has closed is an outage, not the death of the task that writes to it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvloop
from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from chassis import kafka_on_uvloop


async def write_to_a_closed_connection(kafka: str, send: Callable[..., Any]) -> None:
    host, _, port = kafka.partition(":")
    connection = await create_conn(host, int(port))
    try:
        assert connection._writer is not None
        connection._writer.transport.abort()
        await send(connection, MetadataRequest([]))
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("send", "raised"),
    [(AIOKafkaConnection.send, RuntimeError), (kafka_on_uvloop.send, KafkaConnectionError)],
    ids=["the library as it is", "as it is made"],  # the first one fails when this module is no longer needed
)
def test_writing_to_a_closed_connection_is_a_kafka_error(
    kafka: str, send: Callable[..., Any], raised: type[Exception]
) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, pytest.raises(raised):
        runner.run(write_to_a_closed_connection(kafka, send))

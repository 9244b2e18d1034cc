"""A FastStream subscriber as its documentation shows: a function per message, acknowledged when it has returned.

``python -m bench.contenders.faststream_consumer BOOTSTRAP TOPIC GROUP DSN ROWS``
"""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage
from pydantic import BaseModel

from bench.contenders.order_rows import OrderRows


class Accepted(BaseModel):
    """What the handler reads of `issue.accepted`."""

    kind: str
    item_code: str
    street_code: str
    urgency: str
    handling_due: datetime


def application(bootstrap: str, topic: str, group: str, dsn: str, rows: OrderRows) -> FastStream:
    """One subscriber, with a pool of connections for as long as it runs."""
    broker = KafkaBroker(bootstrap)
    pools: list[asyncpg.Pool] = []

    @asynccontextmanager
    async def lifespan() -> AsyncGenerator[None]:
        async with asyncpg.create_pool(dsn) as pool:
            pools.append(pool)
            yield

    @broker.subscriber(topic, group_id=group, auto_offset_reset="earliest", ack_policy=AckPolicy.NACK_ON_ERROR)
    async def on_accepted(event: Accepted, message: KafkaMessage) -> None:
        async with pools[0].acquire() as connection:
            await rows.write(connection, [message.headers["ce_issueid"]])

    return FastStream(broker, lifespan=lifespan)


if __name__ == "__main__":
    bootstrap, topic, group, dsn, file = sys.argv[1:]
    asyncio.run(application(bootstrap, topic, group, dsn, OrderRows.read(file)).run())

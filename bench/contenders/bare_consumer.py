"""The least that consuming can cost: getmany, one transaction with unnest, commit. No envelope, no rules.

``python -m bench.contenders.bare_consumer BOOTSTRAP TOPIC GROUP DSN ROWS``
"""

import asyncio
import sys

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer

from bench.contenders.order_rows import OrderRows

BATCH = 500  # as the router's


async def main(bootstrap: str, topic: str, group: str, dsn: str, rows: OrderRows) -> None:
    """Consume for ever."""
    connection = await asyncpg.connect(dsn)
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_poll_records=BATCH,
    )
    await consumer.start()
    while True:
        batches = await consumer.getmany(timeout_ms=1000, max_records=BATCH)
        ids = [record.key.decode() for records in batches.values() for record in records if record.key]
        if ids:
            await rows.write(connection, ids)
            await consumer.commit()


if __name__ == "__main__":
    bootstrap, topic, group, dsn, file = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(bootstrap, topic, group, dsn, OrderRows.read(file)))

"""The least that publishing an outbox can cost: select, produce, wait, mark.

``python -m bench.contenders.bare_relay BOOTSTRAP TOPIC DSN``. Key, value and headers as ours, made of what is there.
"""

import asyncio
import sys

import asyncpg
import uvloop
from aiokafka import AIOKafkaProducer

BATCH = 1000  # as our relay's
SELECT = """
SELECT position, id::text, version, event_id::text, type, issue_id::text, data::text, recorded_at, epoch
FROM events WHERE published_at IS NULL ORDER BY position LIMIT $1
"""
MARK = "UPDATE events SET published_at = now() WHERE position = ANY($1::bigint[])"


async def main(bootstrap: str, topic: str, dsn: str) -> None:
    """Publish until nothing is left."""
    connection = await asyncpg.connect(dsn)
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        max_batch_size=256 * 1024,
    )
    await producer.start()
    try:
        while rows := await connection.fetch(SELECT, BATCH):
            sent = [await producer.send(topic, row[6].encode(), row[5].encode(), headers=headers(row)) for row in rows]
            await asyncio.gather(*sent)
            await connection.execute(MARK, [row[0] for row in rows])
    finally:
        await producer.stop()
        await connection.close()


def headers(row: asyncpg.Record) -> list[tuple[str, bytes]]:
    """The CloudEvents attributes."""
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", row[3].encode()),
        ("ce_source", b"/router"),
        ("ce_type", row[4].encode()),
        ("ce_subject", b"order/" + row[1].encode()),
        ("ce_time", row[7].isoformat().encode()),
        ("ce_sequence", str(row[2]).encode()),
        ("ce_issueid", row[5].encode()),
        ("ce_epoch", str(row[8]).encode()),
        ("content-type", b"application/json"),
    ]


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(*sys.argv[1:]))

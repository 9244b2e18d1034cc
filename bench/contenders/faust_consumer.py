"""A Faust agent as its documentation shows: a loop over the events of a stream.

``python -m bench.contenders.faust_consumer BOOTSTRAP TOPIC GROUP DSN ROWS``
"""

import sys

import asyncpg
import faust

from bench.contenders.order_rows import OrderRows


class Accepted(faust.Record, serializer="json"):
    """What the agent reads of `issue.accepted`."""

    kind: str
    item_code: str
    street_code: str
    urgency: str
    handling_due: str


def application(bootstrap: str, topic: str, group: str, dsn: str, rows: OrderRows) -> faust.App:
    """One agent, with a pool of connections that it opens at its first event."""
    app = faust.App(
        group,
        broker=f"kafka://{bootstrap}",
        store="memory://",
        web_enabled=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
    )
    accepted = app.topic(topic, key_type=str, value_type=Accepted)

    @app.agent(accepted)
    async def on_accepted(stream: faust.StreamT[Accepted]) -> None:
        async with asyncpg.create_pool(dsn) as pool:
            async for id_, _ in stream.items():
                async with pool.acquire() as connection:
                    await rows.write(connection, [str(id_)])

    return app


if __name__ == "__main__":
    bootstrap, topic, group, dsn, file = sys.argv[1:]
    app = application(bootstrap, topic, group, dsn, OrderRows.read(file))
    faust.Worker(app, loglevel="ERROR").execute_from_commandline()

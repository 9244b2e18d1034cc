"""The least that a command over HTTP can cost: a FastAPI route and one transaction for all who wait. No rules.

``python -m bench.contenders.bare_http PORT DSN ROWS``. There are no tokens and no checks.
"""

import asyncio
import sys
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

import asyncpg
import uvicorn
from fastapi import FastAPI, Header
from pydantic import BaseModel

from bench.contenders.issue_rows import Asked, IssueRows

BATCH = 500  # as ours
Waiting = tuple[Asked, "asyncio.Future[None]"]


class Body(BaseModel):
    """What a client sends; the text stands for what callers say."""

    text: str


def application(dsn: str, rows: IssueRows) -> FastAPI:
    """The routes, and the task behind them that commits for everybody who waits."""
    queue: asyncio.Queue[Waiting] = asyncio.Queue()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        connection = await asyncpg.connect(dsn)
        task = asyncio.create_task(_commit(connection, queue, rows))
        yield
        task.cancel()
        await connection.close()

    app = FastAPI(lifespan=lifespan)

    @app.post("/issues", status_code=201)
    async def begin(body: Body, idempotency_key: Annotated[str, Header()]) -> dict[str, str]:
        return await ask(Asked(str(uuid.uuid4()), 0, idempotency_key))

    @app.post("/issues/{id_}/steps/{number}")
    async def go_on(id_: str, number: int, body: Body, idempotency_key: Annotated[str, Header()]) -> dict[str, str]:
        return await ask(Asked(id_, number, idempotency_key))

    @app.get("/readyz")
    async def ready() -> dict[str, str]:
        return {}

    async def ask(asked: Asked) -> dict[str, str]:
        done = asyncio.get_running_loop().create_future()
        queue.put_nowait((asked, done))
        await done
        return {"id": asked.id}

    return app


async def _commit(
    connection: "asyncpg.Connection[asyncpg.Record]", queue: "asyncio.Queue[Waiting]", rows: IssueRows
) -> None:
    """Group commit, for ever."""
    while True:
        batch = [await queue.get()]
        while len(batch) < BATCH and not queue.empty():
            batch.append(queue.get_nowait())
        await rows.write(connection, [asked for asked, _ in batch])
        for _, done in batch:
            done.set_result(None)


if __name__ == "__main__":
    port, dsn, file = sys.argv[1:]
    app = application(dsn, IssueRows.read(file))
    uvicorn.run(app, host="127.0.0.1", port=int(port), loop="uvloop", http="httptools", access_log=False)

"""A small application behind the common edges, with a route for each thing that can go wrong."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, ClassVar

import asyncpg
import httpx
import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response
from pydantic import AwareDatetime, BaseModel, Field, StrictInt, TypeAdapter

from chassis.api import create_app
from chassis.errors import PreconditionFailed, Unavailable, problems
from chassis.health import CheckResult, Health
from chassis.pages import Page, PageRequest, WantsCsv, csv_page
from chassis.requests import Body, IdempotencyKey, IfMatch, LongText, ShortText, etag
from chassis.security import Actor, TokenVerifier, actor_with
from chassis.settings import Settings
from contracts.rejected import Rejected
from tests.polling import eventually

CURSOR: TypeAdapter[tuple[AwareDatetime, int]] = TypeAdapter(tuple[AwareDatetime, int])
router = APIRouter(prefix="/v1/things")


class Contact(Body):
    phone: ShortText


class NewThing(Body):
    text: LongText
    count: StrictInt = 1
    tags: list[str] = Field(default=[])
    extras: dict[str, object] = Field(default={})
    contact: Contact | None = None


class Thing(BaseModel):
    id: int
    text: str
    key: str | None = None
    if_match: int | None = None
    actor: str = ""


@router.post("", status_code=201, responses=problems(409))
async def add_thing(
    body: NewThing,
    actor: Annotated[Actor, actor_with("agent")],
    version: IfMatch,
    answer: Response,
    key: IdempotencyKey = None,
) -> Thing:
    answer.headers["ETag"] = etag(1)
    return Thing(id=1, text=body.text, key=key, if_match=version, actor=f"{actor.id} {actor.unit}")


@router.get("")
async def list_things(request: Request, paging: PageRequest, wants_csv: WantsCsv, at: AwareDatetime) -> Response:
    after = paging.after(CURSOR)
    first = after[1] + 1 if after else 1
    shown, next_cursor = paging.cut(range(first, first + paging.rows_needed), CURSOR, lambda number: (at, number))
    page = Page[Thing](items=[Thing(id=number, text="=1+1") for number in shown], next_cursor=next_cursor)
    if wants_csv:
        return csv_page(request, page, {"id": "编号", "text": "内容"})
    return Response(page.model_dump_json(), media_type="application/json")


@router.get("/fail/{how}")
async def fail(how: str) -> Thing:
    match how:
        case "rejected":
            raise Rejected("thing.wrong_status", "办结后不能再改", field="status")
        case "absent":
            raise Rejected("thing.not_found", "没有这一件", status=404)
        case "away":
            raise Unavailable(retry_after=7)
        case "cut":
            raise asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")
        case "stale":
            raise PreconditionFailed(5)
        case _:
            raise RuntimeError("the caller is 13800001234")


class EdgeSettings(Settings):
    service_name: ClassVar[str] = "edges"


async def healthy() -> CheckResult:
    return CheckResult(True, {"lag": 0})


def build(settings: Settings, verifier: TokenVerifier, health: Health | None = None) -> FastAPI:
    return create_app(
        title="Edges",
        version="1",
        description="用于测试",
        routers=[router],
        settings=settings,
        verifier=verifier,
        health_checks=health or Health({"database": healthy}),
    )


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://edges") as client:
        yield client


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The address of a real server on loopback."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    running = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await running

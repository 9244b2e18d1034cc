"""Every request finds its route, though most routes are passed over by the ends of their paths."""

from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles

from chassis.routes import add_routes

PATHS = ("/things", "/things/all", "/things/{id_}", "/things/{id_}/act", "/things/{id_}/parts/{number}", "/{other}/act")


def app() -> FastAPI:
    made = FastAPI(openapi_url=None, redirect_slashes=False)
    for path in PATHS:
        router = APIRouter()

        @router.get(path, name=path)
        async def tell(path: str = path) -> str:
            return path

        add_routes(made, router, {})
    return made


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app()), base_url="http://routes") as client:
        yield client


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("/things", "/things"),
        ("/things/all", "/things/all"),
        ("/things/7", "/things/{id_}"),
        ("/things/act", "/things/{id_}"),
        ("/things/7/act", "/things/{id_}/act"),
        ("/things/act/act", "/things/{id_}/act"),
        ("/things/7/parts/act", "/things/{id_}/parts/{number}"),
        ("/act/act", "/{other}/act"),
        ("/things/%E8%A1%97", "/things/{id_}"),
    ],
)
async def test_the_first_route_that_matches_answers(client: httpx.AsyncClient, asked: str, found: str) -> None:
    answer = await client.get(asked)
    assert (answer.status_code, answer.json()) == (200, found)


@pytest.mark.parametrize("asked", ["/", "/thing", "/things/", "/things/7/parts", "/things//act", "/x/things/7/act"])
async def test_what_matches_none_is_not_found(client: httpx.AsyncClient, asked: str) -> None:
    assert (await client.get(asked)).status_code == 404


async def test_another_method_is_told_which_there_are(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things/7/act")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


async def test_a_path_that_a_server_adds_to_is_taken_off_first() -> None:
    transport = httpx.ASGITransport(app(), root_path="/city")
    async with httpx.AsyncClient(transport=transport, base_url="http://routes") as client:
        assert (await client.get("/city/things/7/act")).json() == "/things/{id_}/act"


async def test_a_routers_own_class_of_routes_stays() -> None:
    class Own(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            async def answer(_: Request) -> Response:
                return Response("own")

            return answer

    made, router = FastAPI(), APIRouter(route_class=Own)
    router.add_api_route("/x", lambda: None)
    add_routes(made, router, {})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(made), base_url="http://routes") as client:
        assert (await client.get("/x")).text == "own"


def test_a_router_that_holds_anything_else_is_refused() -> None:
    router = APIRouter()
    router.mount("/files", StaticFiles(directory="."))
    with pytest.raises(TypeError, match="no route of an API"):
        add_routes(FastAPI(), router, {})

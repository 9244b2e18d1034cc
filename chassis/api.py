"""The FastAPI application of a service: the same edges for all of them."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel

from chassis import api_docs, error_handlers, health
from chassis.errors import Problem, ProblemError, documented, problems, title_of
from chassis.health import Health
from chassis.http_edge import HttpEdge
from chassis.routes import add_routes
from chassis.security import TokenVerifier
from chassis.settings import Settings
from chassis.telemetry import server_spans

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_EVERY_ROUTE = problems(401, 403, 422, 500, 503)
_WITH_BODY = problems(400, 413, 415)
_FASTAPI_OWN = ("HTTPValidationError", "ValidationError")


class ProblemPage(BaseModel):
    """What a problem code means."""

    code: str
    title: str
    description: str


class _Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, in which every refusal is a problem detail."""
        document = get_openapi(title=self.title, version=self.version, description=self.description, routes=self.routes)
        _document_problems(document)
        return document


def create_app(
    *,
    title: str,
    version: str,
    description: str,
    routers: Sequence[APIRouter],
    settings: Settings,
    verifier: TokenVerifier,
    health_checks: Health,
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """Put a service's routers behind the common edges: body limit, problems, metrics, traces, health, documents.

    Routers bring their own prefix. A route's function name is its operation id, so names differ within a service. A
    router with ``responses`` of its own answers by another protocol's rules, and refuses in that protocol's form.
    """
    app = _Api(
        title=title,
        version=version,
        description=description,
        lifespan=lifespan,
        telemetry=server_spans(),
        generate_unique_id_function=_operation_id,
        redirect_slashes=False,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.verifier = verifier
    app.state.health = health_checks
    app.add_middleware(HttpEdge, max_body_bytes=settings.max_body_bytes)
    error_handlers.install(app)
    api_docs.install(app)
    for router in routers:
        add_routes(app, router, {} if router.responses else _EVERY_ROUTE)
    add_routes(app, _problem_pages, {})
    add_routes(app, health.router, {})
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


_problem_pages = APIRouter(tags=["problems"])


@_problem_pages.get("/problems/{code}", summary="错误代码说明", responses=problems(404))
async def explain_problem(code: str) -> ProblemPage:
    """Say what a problem code means."""
    if code not in documented():
        raise ProblemError(404, "request.unknown_route", "没有这个错误代码。")
    return ProblemPage(code=code, title=title_of(code), description=documented()[code])


def _document_problems(document: dict[str, Any]) -> None:
    """Put the problem schema in the place of FastAPI's own error schemas, and add what every body may cause."""
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _FASTAPI_OWN:
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    for path in document["paths"].values():
        for operation in path.values():
            answers: dict[str, Any] = operation["responses"]
            if "422" in answers and "application/json" in answers["422"]["content"]:
                answers["422"] = problems(422)[422]
            if "requestBody" in operation:
                for status, answer in _WITH_BODY.items():
                    answers.setdefault(str(status), answer)

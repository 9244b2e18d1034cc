"""All routes of a service in one list, in which most are passed over by the ends of their paths.

FastAPI keeps an included router as a list of its own, asks each of its routes by a regular expression whether it
matches, and then asks again which of them it was: 70 µs of a request (docs/performance.md).
"""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope


class Route(APIRoute):
    """Matches as any other, but looks at what stands before and behind the path's parameters first."""

    def __init__(self, path: str, *arguments: Any, **more: Any) -> None:
        """All are FastAPI's."""
        super().__init__(path, *arguments, **more)
        self._head, self._tail = path.partition("{")[0], path.rpartition("}")[2]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it is this one that was asked for."""
        path: str = scope["path"]
        is_other = not (path.startswith(self._head) and path.endswith(self._tail))
        if is_other and not scope.get("root_path"):  # a server may be told to add one to each path
            return Match.NONE, {}
        return super().matches(scope)


def add_routes(app: FastAPI, router: APIRouter, responses: Mapping[int | str, dict[str, Any]]) -> None:
    """Add the routes of ``router`` to those of ``app``; ``responses`` are documented with each.

    A router's own class of routes stays. Raises ``TypeError`` for what is no route of an API.
    """
    for route in router.routes:
        if not isinstance(route, APIRoute):
            raise TypeError(f"{route} is no route of an API")
        app.router.add_api_route(
            route.path,
            route.endpoint,
            response_model=route.response_model,
            status_code=route.status_code,
            tags=route.tags,
            dependencies=route.dependencies,
            summary=route.summary,
            description=route.description or None,
            response_description=route.response_description,
            responses={**responses, **route.responses},
            name=route.name,
            methods=route.methods,
            include_in_schema=route.include_in_schema,
            response_class=route.response_class,
            openapi_extra=route.openapi_extra,
            route_class_override=Route if type(route) is APIRoute else type(route),
        )

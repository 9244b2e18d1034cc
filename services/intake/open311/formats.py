"""Answers in the two formats of GeoReport v2, XML and JSON, by the suffix of the path; and its form of a refusal."""

import json
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from enum import StrEnum
from typing import Any
from xml.etree import ElementTree

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from chassis.database import DATABASE_AWAY
from chassis.error_handlers import problem_of
from chassis.errors import ProblemError, Unavailable
from chassis.routes import Route
from contracts.rejected import Rejected
from services.intake.open311.answers import Fault

_ONE_OF = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
"""What an entry of a list is called in XML."""
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""
_AS_IS = frozenset({403, 404, 413, 503})
"""Statuses that keep their meaning; GeoReport v2 wants 400 for everything else that goes wrong."""


class Format(StrEnum):
    """The formats, by suffix."""

    XML = "xml"
    JSON = "json"


MEDIA_TYPES = {Format.XML: "text/xml; charset=utf-8", Format.JSON: "application/json; charset=utf-8"}


def respond(
    path: str,
    root: str,
    content: BaseModel | Sequence[BaseModel],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """``content`` in the format that ``path`` ends with (XML if with none); ``root`` is its name in XML."""
    plain = _plain(content)
    if path.endswith(f".{Format.JSON}"):
        body, kind = json.dumps(plain, ensure_ascii=False).encode(), Format.JSON
    else:
        body, kind = to_xml(root, plain), Format.XML
    return Response(body, status, dict(headers or {}), MEDIA_TYPES[kind])


def _plain(content: BaseModel | Sequence[BaseModel]) -> Any:
    if isinstance(content, BaseModel):
        return content.model_dump(mode="json")
    return [entry.model_dump(mode="json") for entry in content]


def to_xml(root: str, plain: Any) -> bytes:
    """A document of what JSON would say: an element for each field, and a list's entries in the singular."""
    document: bytes = ElementTree.tostring(_element(root, plain), "utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + document


def _element(name: str, value: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    match value:
        case dict():
            element.extend(_element(key, part) for key, part in value.items())
        case list():
            element.extend(_element(_ONE_OF[name], part) for part in value)
        case bool():
            element.text = "true" if value else "false"
        case None:
            pass
        case _:
            element.text = _NO_XML.sub("\ufffd", str(value))
    return element


class Open311Route(Route):
    """A route whose refusals are GeoReport's: an array of code and description in the format that was asked for."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler behind what turns refusals into answers."""
        handle = super().get_route_handler()

        async def handle_or_refuse(request: Request) -> Response:
            try:
                return await handle(request)
            except (ProblemError, Rejected, RequestValidationError, HTTPException) as error:
                return refuse(request.scope["path"], problem_of(request, error))
            except DATABASE_AWAY:
                return refuse(request.scope["path"], Unavailable(retry_after=2))

        return handle_or_refuse


def refuse(path: str, problem: ProblemError) -> Response:
    """A problem as GeoReport puts it. The description ends with the problem's stable code."""
    status = 403 if problem.status == 401 else problem.status if problem.status in _AS_IS else 400
    told = [f"{fault.field}：{fault.message}" for fault in problem.errors] or [problem.detail]
    faults = [Fault(code=status, description=f"{text}（{problem.code}）") for text in told]
    return respond(path, "errors", faults, status, problem.headers)

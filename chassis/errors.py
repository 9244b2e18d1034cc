"""RFC 9457 problem details: what every API of the project answers when it says no.

``code`` is stable and for programs, ``detail`` is Chinese and for people. Every code is documented at
``GET /problems/{code}``; a service adds its own with ``document``.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from fastapi import Response
from pydantic import BaseModel, Field

MEDIA_TYPE = "application/problem+json"

_documented: dict[str, str] = {
    "request.malformed_json": "请求体不是合法的 JSON。",
    "request.invalid": "请求不符合接口要求；errors 逐项列出字段、规则和说明。",
    "request.too_large": "请求体超过允许的大小。",
    "request.unsupported_media_type": "请求体的 Content-Type 应为 application/json。",
    "request.bad_cursor": "分页游标不是由本接口给出的。",
    "request.version_mismatch": "If-Match 所写的版本不是当前版本，请重新读取后再提交。",
    "request.unknown_route": "没有这个地址。",
    "request.method_not_allowed": "这个地址不支持该方法，支持的方法见 Allow 头。",
    "request.refused": "请求被拒绝。",
    "auth.missing_token": "缺少 Bearer 令牌。",
    "auth.expired_token": "令牌已过期，请重新登录。",
    "auth.invalid_token": "令牌无效：签名、签发者、受众或内容不正确。",
    "auth.forbidden_role": "当前角色无权执行该操作。",
    "service.unavailable": "服务暂时不可用，请按 Retry-After 的秒数稍后重试。",
    "service.internal_error": "服务内部错误；编号已记入日志。",
}


def document(descriptions: Mapping[str, str]) -> None:
    """Add problem codes with a Chinese description each; raises ``ValueError`` if a code is described twice."""
    for code, description in descriptions.items():
        if _documented.setdefault(code, description) != description:
            raise ValueError(f"problem code {code} is documented twice")


def documented() -> Mapping[str, str]:
    """Every documented code and its Chinese description."""
    return MappingProxyType(_documented)


class FieldError(BaseModel):
    """One fault of the input: where it is, which rule it breaks, and in Chinese what to do."""

    field: str = Field(examples=["contact.phone"])
    rule: str = Field(examples=["missing"])
    message: str = Field(examples=["必填"])


class Problem(BaseModel):
    """A problem detail object (RFC 9457)."""

    type: str = Field(description="URI reference of the code's documentation", examples=["/problems/request.invalid"])
    title: str = Field(examples=["Request: invalid"])
    status: int = Field(examples=[422])
    detail: str = Field(description="Chinese, for people", examples=["请求有 1 处不符合要求。"])
    instance: str = Field(description="the path that was asked for", examples=["/v1/issues"])
    code: str = Field(description="stable, for programs", examples=["request.invalid"])
    errors: list[FieldError] = []


class ProblemError(Exception):
    """Raised anywhere below a route to answer with a problem."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})


class Unauthenticated(ProblemError):
    """401: who is calling is not proven; ``code`` is one of the ``auth.*_token`` codes."""

    def __init__(self, code: str) -> None:
        challenge = 'Bearer realm="qingcheng"'
        if code != "auth.missing_token":
            challenge += ', error="invalid_token"'
        super().__init__(401, code, _documented[code], headers={"WWW-Authenticate": challenge})


class Forbidden(ProblemError):
    """403: who is calling is known, but has none of the roles that may do this."""

    def __init__(self, needed: Sequence[str]) -> None:
        super().__init__(403, "auth.forbidden_role", f"当前角色无权执行该操作，需要角色：{'、'.join(needed)}。")


class PreconditionFailed(ProblemError):
    """412: ``If-Match`` names another version than the current one, which is sent back as ``ETag``."""

    def __init__(self, current_version: int) -> None:
        code = "request.version_mismatch"
        super().__init__(412, code, _documented[code], headers={"ETag": f'"{current_version}"'})
        self.current_version = current_version


class Unavailable(ProblemError):
    """503: something this service needs is away; the caller may repeat after ``retry_after`` seconds."""

    def __init__(self, retry_after: int = 1) -> None:
        code = "service.unavailable"
        super().__init__(503, code, _documented[code], headers={"Retry-After": str(retry_after)})


class TooLarge(ProblemError):
    """413: the body exceeds ``limit`` bytes.

    The connection stays open and the server discards the rest: closing it would reset the connection under a caller
    who is still sending, before this answer is read.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(413, "request.too_large", f"请求体超过 {limit} 字节。")


class Invalid(ProblemError):
    """422: one part of the input breaks a rule that the schema cannot express."""

    def __init__(self, field: str, rule: str, message: str, *, code: str = "request.invalid") -> None:
        fault = FieldError(field=field, rule=rule, message=message)
        super().__init__(422, code, f"{field}：{message}", errors=[fault])


def respond(error: ProblemError, path: str) -> Response:
    """The problem as an HTTP answer; ``path`` is what was asked for, without its query."""
    problem = Problem(
        type=f"/problems/{error.code}",
        title=title_of(error.code),
        status=error.status,
        detail=error.detail,
        instance=quote(path, errors="replace"),
        code=error.code,
        errors=error.errors,
    )
    return Response(problem.model_dump_json(), error.status, error.headers, MEDIA_TYPE)


def title_of(code: str) -> str:
    """The English title of a code: ``order.wrong_status`` -> ``Order: wrong status``."""
    area, _, fault = code.partition(".")
    return f"{area.capitalize()}: {fault.replace('_', ' ')}" if fault else area.capitalize()


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses=`` of a route that may answer with problems of these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}

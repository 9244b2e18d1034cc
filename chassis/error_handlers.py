"""Turns everything that can go wrong below a route into a problem answer."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from chassis.database import DATABASE_AWAY
from chassis.errors import FieldError, ProblemError, Unavailable, documented, respond
from chassis.telemetry import current_trace_id
from contracts.rejected import Rejected

_log = structlog.stdlib.get_logger(__name__)
_MOST_ERRORS = 50  # an answer names this many faults; the detail says how many there are
_LONGEST_FIELD = 200
_HTTP_CODES = {
    400: "request.malformed_json",
    404: "request.unknown_route",
    405: "request.method_not_allowed",
}
_MESSAGES = {
    "missing": "必填",
    "extra_forbidden": "未知字段",
    "string_type": "应为文字",
    "string_too_long": "最长 {max_length} 个字",
    "string_too_short": "最短 {min_length} 个字",
    "string_pattern_mismatch": "格式不正确",
    "string_unicode": "含有不成对的代理字符",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_parsing": "应为数字",
    "finite_number": "应为有限的数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "list_type": "应为数组",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "greater_than_equal": "不小于 {ge}",
    "less_than_equal": "不大于 {le}",
    "greater_than": "大于 {gt}",
    "less_than": "小于 {lt}",
    "enum": "可选值：{expected}",
    "literal_error": "可选值：{expected}",
    "model_attributes_type": "应为 JSON 对象",
    "model_type": "应为 JSON 对象",
    "datetime_parsing": "应为 ISO 8601 时间",
    "datetime_from_date_parsing": "应为 ISO 8601 时间",
    "timezone_aware": "时间应带时区",
    "date_parsing": "应为 ISO 8601 日期",
    "date_from_datetime_parsing": "应为 ISO 8601 日期",
}


def install(app: FastAPI) -> None:
    """Make ``app`` answer every refusal with a problem; unforeseen errors are ``chassis.http_edge``'s."""
    for kind in (ProblemError, Rejected, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    return respond(problem_of(request, error), request.scope["path"])


def problem_of(request: Request, error: Exception) -> ProblemError:
    """The problem that a refusal is; raises ``error`` again if it is none."""
    match error:
        case ProblemError():
            return error
        case Rejected(code=code, message=message, field=field, status=status):
            faults = [FieldError(field=field, rule=code, message=message)] if field else []
            return ProblemError(status, code, message, errors=faults)
        case RequestValidationError():
            return _invalid(request, error.errors())
        case HTTPException(status_code=status):
            code = _HTTP_CODES.get(status, "request.refused")
            return ProblemError(status, code, documented()[code], headers=error.headers)
        case _:
            raise error


def _invalid(request: Request, faults: Sequence[Mapping[str, Any]]) -> ProblemError:
    if any(fault["type"] == "json_invalid" for fault in faults):
        return ProblemError(400, "request.malformed_json", documented()["request.malformed_json"])
    whole_body = any(tuple(fault["loc"]) == ("body",) and fault["type"] != "missing" for fault in faults)
    if whole_body and not _claims_json(request):
        code = "request.unsupported_media_type"
        return ProblemError(415, code, documented()[code])
    errors = [field_error(fault) for fault in faults[:_MOST_ERRORS]]
    return ProblemError(422, "request.invalid", f"请求有 {len(faults)} 处不符合要求。", errors=errors)


def _claims_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def field_error(fault: Mapping[str, Any]) -> FieldError:
    """One of pydantic's faults, its place written as ``contact.phone``."""
    first, *rest = fault["loc"] or ("body",)
    place = rest if rest and first in ("body", "query", "path", "header", "cookie") else [first, *rest]
    field = ".".join(map(str, place))[:_LONGEST_FIELD]
    template = _MESSAGES.get(fault["type"])
    message = template.format_map(fault.get("ctx") or {}) if template else fault["msg"].removeprefix("Value error, ")
    return FieldError(field=field, rule=fault["type"], message=message)


def internal_error(error: Exception, path: str) -> Response:
    """Log an error that nobody foresaw, and answer 500 with nothing but the trace that leads to it.

    A database that is away is no defect: 503, and the caller may try again.
    """
    if isinstance(error, DATABASE_AWAY):
        _log.warning("database_unavailable", path=path, error=type(error).__name__)
        return respond(Unavailable(retry_after=2), path)
    trace_id = current_trace_id()
    _log.error("request_failed", path=path, exc_info=error)
    detail = f"服务内部错误，请将编号 {trace_id or '（无）'} 告知运维人员。"
    return respond(ProblemError(500, "service.internal_error", detail), path)

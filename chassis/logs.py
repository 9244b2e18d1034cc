"""JSON logs on standard output: one line per entry, with the trace it belongs to, without personal data.

Code logs through ``structlog.stdlib.get_logger(__name__)``; what uvicorn and libraries log by ``logging`` takes the
same way out.
"""

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from typing import TextIO

import structlog
from fastapi.exceptions import ValidationException
from pydantic import ValidationError
from structlog.types import EventDict, Processor, WrappedLogger

from chassis.log_repetitions import Repetitions
from chassis.telemetry import current_span_id, current_trace_id

REDACTED = "[redacted]"
_PERSONAL_KEYS = frozenset(
    {
        "name",
        "phone",
        "mobile",
        "tel",
        "telephone",
        "caller",
        "contact",
        "address",
        "text",
        "content",
        "body",
        "description",
        "id_card",
        "id_number",
        "identity",
        "authorization",
        "token",
        "access_token",
        "password",
        "secret",
        "client_secret",
        "ciphertext",
        "plaintext",
        "query",
        "query_string",
    }
)
# Numbers that slip into a message: mobile numbers and identity numbers, not parts of longer words such as ids.
_PERSONAL_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:1[3-9]\d{9}|\d{17}[\dXx])(?![0-9A-Za-z])")
# These log whole URLs, which may hold what a citizen wrote, at INFO.
_TALKATIVE = ("uvicorn.access", "httpx", "httpcore")


def configure(service: str, level: str, stream: TextIO | None = None) -> None:
    """Send every log entry of this process to ``stream``, standard output if none is given.

    ``level`` is a name of ``logging``.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _stamp(service),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _render_exception,
                redact,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
        )
    )
    handler.addFilter(Repetitions("aiokafka"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _stamp(service: str) -> Processor:
    def stamp(_: WrappedLogger, __: str, entry: EventDict) -> EventDict:
        entry["service"] = service
        if trace_id := current_trace_id():
            entry["trace_id"] = trace_id
            entry["span_id"] = current_span_id()
        return entry

    return stamp


def redact(_: WrappedLogger, __: str, entry: EventDict) -> EventDict:
    """Replace the values of keys that hold personal data or secrets, and personal numbers inside any text."""
    return {key: _redacted(key, value) for key, value in entry.items()}


def _redacted(key: object, value: object) -> object:
    match value:
        case _ if isinstance(key, str) and key.lower() in _PERSONAL_KEYS:
            return REDACTED
        case str():
            return _PERSONAL_NUMBER.sub(REDACTED, value)
        case Mapping():
            return {inner_key: _redacted(inner_key, inner) for inner_key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_redacted(None, inner) for inner in value]
        case int() | float() | None:
            return value
        case _:
            return _PERSONAL_NUMBER.sub(REDACTED, str(value))


def _render_exception(_: WrappedLogger, __: str, entry: EventDict) -> EventDict:
    error = entry.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        entry["exception"] = describe(error)
    return entry


def describe(error: BaseException) -> str:
    """An exception with its causes and frames, in which no message repeats the data that it complains about."""
    lines: list[str] = []
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        lines += [describe(cause), "which led to:\n"]
    lines += traceback.format_tb(error.__traceback__)
    lines.append(f"{type(error).__qualname__}: {_safe_message(error)}\n")
    if isinstance(error, BaseExceptionGroup):
        lines += [f"one of {len(error.exceptions)}:\n{describe(inner)}" for inner in error.exceptions]
    return "".join(lines)


def _safe_message(error: BaseException) -> str:
    if isinstance(error, ValidationError):
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        return f"{error.title}: " + "; ".join(f"{'.'.join(map(str, f['loc']))}: {f['type']}" for f in faults)
    if isinstance(error, ValidationException):
        return f"{len(error.errors())} validation errors"  # its own text repeats the input
    if (sqlstate := getattr(error, "sqlstate", None)) is not None:
        return f"{sqlstate} {str(error).partition(chr(10))[0]}"  # PostgreSQL's DETAIL line repeats the row
    return str(error)

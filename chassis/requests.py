"""What routes take from a request: preconditions, idempotency keys and the types of request bodies."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Header
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    field_validator,
)
from pydantic_core import PydanticCustomError

from chassis.errors import Invalid

_ENTITY_TAG = re.compile(r'(?:W/)?"(\d{1,18})"')

ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A line that a person writes: a name, a place, a reason."""
LongText = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
"""A paragraph that a person writes: an appeal, a result."""

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")


def _is_iso_text(value: object) -> object:
    if not isinstance(value, str) or not _ISO_DATE.match(value):  # pydantic would take seconds since 1970
        raise PydanticCustomError("iso_datetime", "应为带时区的 ISO 8601 时间")
    return value


def _to_utc(value: datetime) -> datetime:
    if not 2000 <= value.year < 3000:
        raise PydanticCustomError("year", "年份应在 2000 至 2999 之间")
    return value.astimezone(UTC)


Instant = Annotated[AwareDatetime, BeforeValidator(_is_iso_text), AfterValidator(_to_utc)]
"""An instant with its offset, in UTC from here on: lists sort by it."""


class Body(BaseModel):
    """A request body: unknown fields are refused, text is stripped, and refused if it cannot be stored.

    Use ``StrictInt`` and ``StrictBool`` for numbers and flags: pydantic would else take "3" and "yes".
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True, allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def _can_be_stored(cls, value: Any) -> Any:
        pending: list[object] = [value]
        while pending:
            match pending.pop():
                case str() as text:
                    _check_text(text)
                case dict() as mapping:
                    pending += [*mapping.keys(), *mapping.values()]
                case list() | tuple() | set() | frozenset() as items:
                    pending += items
                case _:  # numbers and times hold no text; a nested Body has checked itself
                    pass
        return value


def _check_text(text: str) -> None:
    """Refuse what PostgreSQL's text and jsonb cannot hold; pydantic looks at neither keys nor untyped values."""
    if "\x00" in text:
        raise PydanticCustomError("nul_character", "不能含有 NUL 字符（\\u0000）")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("string_unicode", "含有不成对的代理字符") from None


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="同一键和同一请求体重复提交时，返回第一次的结果；同一键配不同请求体则拒绝。保留 7 天。",
    ),
]
"""The ``Idempotency-Key`` header of a POST, 1 to 255 visible ASCII characters; its default is None."""
IfMatchHeader = Annotated[
    str | None, Header(alias="If-Match", description='上次读到的 ETag，例如 "3"；不是当前版本则返回 412。')
]
"""The ``If-Match`` header as it came, for ``wanted_version``; its default is None."""


def wanted_version(if_match: str | None) -> int | None:
    """The version that ``If-Match`` asks for; None if it does not matter. Raises ``Invalid`` for what is no ETag."""
    if if_match is None or if_match.strip() == "*":
        return None
    tag = _ENTITY_TAG.fullmatch(if_match.strip())
    if tag is None:
        raise Invalid("If-Match", "entity_tag", '应为一个 ETag，例如 "3"')
    return int(tag[1])


async def _if_match(if_match: IfMatchHeader = None) -> int | None:
    return wanted_version(if_match)


IfMatch = Annotated[int | None, Depends(_if_match)]
"""``wanted_version`` of the request."""


def etag(version: int) -> str:
    """The ``ETag`` of a version."""
    return f'"{version}"'

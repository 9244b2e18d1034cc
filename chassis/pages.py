"""Keyset pages: lists that stay right while rows come and go, as JSON or as CSV."""

import base64
import binascii
import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar
from urllib.parse import quote, urlencode

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from chassis.errors import Invalid

T = TypeVar("T")
R = TypeVar("R")
_BIGINT = 2**63
MOST_COUNTED = 10_000
"""How far lists are counted: nobody reads on from there, and counting a million takes a second of everybody's time."""
_COUNT = "SELECT count(*) FROM (SELECT 1 <where> LIMIT <most>) AS counted".replace("<most>", str(MOST_COUNTED + 1))
# A spreadsheet takes a cell that begins with one of these for a formula and runs it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Page(BaseModel, Generic[T]):
    """One page of a list; ``next_cursor`` is null on the last one.

    ``count`` is there if it was asked for; MOST_COUNTED + 1 stands for "more than that".
    """

    items: list[T]
    next_cursor: str | None = None
    count: int | None = Field(default=None, description=f"总数；{MOST_COUNTED + 1} 表示超过 {MOST_COUNTED}")


def counting(where: str) -> str:
    """SQL that counts the rows of ``where`` (``FROM … WHERE …``) as far as a page's ``count`` goes."""
    return _COUNT.replace("<where>", where)


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a page begins and how many items it holds at most."""

    cursor: str | None
    limit: int

    def after(self, shape: TypeAdapter[T]) -> T | None:
        """The sort key after which the page begins, or None for the first page.

        ``shape`` is the tuple of the columns sorted by, e.g. ``TypeAdapter(tuple[AwareDatetime, str])``. Raises the
        problem ``request.bad_cursor`` for anything that ``cut`` did not make.
        """
        if self.cursor is None:
            return None
        try:
            text = base64.b64decode(self.cursor.encode("ascii"), altchars=b"-_", validate=True)
            key = shape.validate_json(text)
        except (UnicodeEncodeError, binascii.Error, ValidationError):
            raise _bad_cursor() from None
        if not all(_fits_a_column(part) for part in (key if isinstance(key, tuple) else (key,))):
            raise _bad_cursor()
        return key

    @property
    def rows_needed(self) -> int:
        """How many rows to look up for ``cut``: one beyond the page shows that another page follows."""
        return self.limit + 1

    def cut(self, rows: Sequence[R], shape: TypeAdapter[T], key: Callable[[R], T]) -> tuple[Sequence[R], str | None]:
        """The rows that are on the page, and its ``next_cursor``, when ``rows`` were looked up after ``after(shape)``.

        ``key`` is a row's sort key.
        """
        shown = rows[: self.limit]
        return shown, _write_cursor(key(shown[-1]), shape) if len(rows) > len(shown) else None


def _bad_cursor() -> Invalid:
    return Invalid("cursor", "cursor", "不是由本接口给出的游标", code="request.bad_cursor")


def _fits_a_column(part: object) -> bool:
    match part:
        case str():
            return "\x00" not in part
        case int():
            return -_BIGINT <= part < _BIGINT
        case datetime():
            return _has_an_instant(part)
        case _:
            return True


def _has_an_instant(time: datetime) -> bool:
    try:
        time.astimezone(UTC)
    except OverflowError:  # in UTC it would lie before the year 1 or after 9999
        return False
    return True


def _write_cursor(key: T, shape: TypeAdapter[T]) -> str:
    return base64.urlsafe_b64encode(shape.dump_json(key)).decode()


async def _paging(
    cursor: Annotated[str | None, Query(max_length=1000, description="上一页给出的 next_cursor")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="本页最多条数")] = 50,
) -> Paging:
    return Paging(cursor, limit)


PageRequest = Annotated[Paging, Depends(_paging)]
"""The query parameters ``cursor`` and ``limit`` (1 to 200, 50 if not given)."""


async def _wants_csv(request: Request) -> bool:
    return "text/csv" in request.headers.get("accept", "")


WantsCsv = Annotated[bool, Depends(_wants_csv)]
"""Whether ``Accept`` asks for CSV."""


def csv_page(request: Request, page: Page[T], columns: Mapping[str, str]) -> Response:
    """The page as CSV for spreadsheets; ``columns`` are attribute -> Chinese heading, in order.

    UTF-8 with a byte order mark, without which Excel garbles Chinese. Further pages are named in ``Link``.
    """
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(columns.values())
    for item in page.items:
        rows.writerow([_cell(getattr(item, attribute)) for attribute in columns])
    headers = {"Content-Disposition": 'attachment; filename="list.csv"'}
    if page.next_cursor is not None:
        query = {**request.query_params, "cursor": page.next_cursor}
        headers["Link"] = f'<{quote(request.scope["path"])}?{urlencode(query)}>; rel="next"'
    return Response(text.getvalue().encode("utf-8-sig"), headers=headers, media_type="text/csv; charset=utf-8")


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value

"""Reading tables that people keep: CSV and JSON lines, with faults that name file, line, column and rule.

Every value is text; what it means is said by a dataclass whose annotated fields pydantic checks. All faults are found
before any is reported, so that a person can mend them in one go.
"""

import csv
import io
import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file. ``line`` counts from 1 with the header; ``column`` is empty for a whole line."""

    file: str
    line: int
    column: str
    rule: str

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}, line {self.line}{column}: {self.rule}"


class BadTable(ValueError):
    """Files that cannot be used, with every fault found in them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        more = len(self.faults) - MOST_SHOWN
        lines = [str(fault) for fault in self.faults[:MOST_SHOWN]]
        super().__init__("\n".join(lines + ([f"… and {more} more"] if more > 0 else [])))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: column -> text."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was read; ``file`` is what faults call it."""

    file: str
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, name: str, rows: Sequence[Mapping[str, str]]) -> "Table":
        """A table that does not come from a file: its lines are its rows' numbers."""
        return cls(name, tuple(Row(number, values) for number, values in enumerate(rows, 1)))

    def values(self) -> list[dict[str, str]]:
        """The rows without their lines."""
        return [dict(row.values) for row in self.rows]


@dataclass
class Checks:
    """Collects the faults of several tables; ``done`` raises them all as one ``BadTable``."""

    faults: list[Fault] = field(default_factory=list)

    def parse(self, table: Table, row_type: type[T]) -> list[T]:
        """The rows as ``row_type``, a dataclass with a field per column; those with a fault are left out."""
        adapter = TypeAdapter(row_type)
        parsed = []
        for row in table.rows:
            try:
                parsed.append(adapter.validate_python(dict(row.values)))
            except ValidationError as error:
                for problem in error.errors():
                    column = str(problem["loc"][0]) if problem["loc"] else ""
                    self.faults.append(Fault(table.file, row.line, column, f"{problem['msg']}: {problem['input']!r}"))
        return parsed

    def unique(self, table: Table, column: str) -> None:
        """No two rows have the same value."""
        seen: dict[str, int] = {}
        for row in table.rows:
            value = row.values.get(column, "")
            if value in seen:
                self.add(table, row, column, f"{value!r} stands on line {seen[value]} already")
            seen.setdefault(value, row.line)

    def known(self, table: Table, column: str, allowed: Container[str], what: str) -> None:
        """Every value that is given is among ``allowed``; ``what`` says what those are."""
        for row in table.rows:
            value = row.values.get(column, "")
            if value and value not in allowed:
                self.add(table, row, column, f"there is no {what} {value!r}")

    def filled(self, table: Table) -> None:
        """The table has rows."""
        if not table.rows:
            self.faults.append(Fault(table.file, 1, "", "the table has no rows"))

    def add(self, table: Table, row: Row, column: str, rule: str) -> None:
        """A fault that only the caller can see."""
        self.faults.append(Fault(table.file, row.line, column, rule))

    def done(self) -> None:
        """Raise ``BadTable`` if anything is wrong."""
        if self.faults:
            raise BadTable(self.faults)


def read_csv(path: Path, columns: Sequence[str], optional: Sequence[str] = (), *, header: bool = True) -> Table:
    """Read a CSV file that has exactly these columns, in any order, and any of the ``optional`` ones.

    A file that need not have a ``header`` has its columns in this order, and none of the optional ones, unless its
    first value is the name of the first column. Raises ``BadTable`` if it is missing, not UTF-8, or not a table.
    """
    records = _records(path)
    faults: list[Fault] = []
    names: Sequence[str] = columns
    first = next(records, None)
    if header or (first is not None and first[1][:1] == [columns[0]]):
        names = first[1] if first else []
        faults += _header_faults(path, names, columns, optional)
    elif first is not None:
        records = chain([first], records)
    rows = []
    for line, cells in records:
        if len(cells) == len(names):
            rows.append(Row(line, dict(zip(names, cells, strict=True))))
        elif cells:
            faults.append(Fault(path.name, line, "", f"{len(cells)} values where {len(names)} are expected"))
    if faults:
        raise BadTable(faults)
    return Table(path.name, tuple(rows))


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The records of a CSV file, each with the line it begins on."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadTable([Fault(path.name, line, "", f"not CSV: {error}")]) from error


def read_jsonl(path: Path) -> Table:
    """Read a file with one JSON object of texts per line. Raises ``BadTable`` like ``read_csv``."""
    rows: list[Row] = []
    faults: list[Fault] = []
    for line, text in enumerate(_text(path).removesuffix("\n").split("\n"), 1):
        try:
            values = json.loads(text)
        except ValueError as error:
            faults.append(Fault(path.name, line, "", f"not JSON: {error}"))
            continue
        if not isinstance(values, dict):
            faults.append(Fault(path.name, line, "", "must be an object"))
            continue
        faults += [Fault(path.name, line, key, "must be plain text") for key, v in values.items() if not _is_text(v)]
        rows.append(Row(line, values))
    if faults:
        raise BadTable(faults)
    return Table(path.name, tuple(rows))


def _is_text(value: object) -> bool:
    """Whether a database can hold it: an escape may bring in a NUL or half of a character."""
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadTable([Fault(path.name, 1, "", f"cannot be read: {error.strerror}")]) from error
    try:
        text = content.decode("utf-8-sig")  # spreadsheets write a byte order mark
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadTable([Fault(path.name, line, "", "not UTF-8")]) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise BadTable([Fault(path.name, line, "", "holds a NUL character, which a database cannot")])
    return text


def _header_faults(
    path: Path, names: Sequence[str], columns: Sequence[str], optional: Sequence[str]
) -> Iterator[Fault]:
    for column in columns:
        if column not in names:
            yield Fault(path.name, 1, column, "the column is missing")
    for position, name in enumerate(names):
        if name not in columns and name not in optional:
            yield Fault(path.name, 1, name, "unknown column")
        if name in names[:position]:
            yield Fault(path.name, 1, name, "the column is there twice")

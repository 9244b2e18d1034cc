"""答复模板: texts that units' replies begin with, by code and version.

Placeholders are filled by the office's own data only, never by what a caller said; what was done is written by a person
where the text has a gap 【…】.
"""

import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

PLACEHOLDERS = frozenset({"unit", "item", "street", "number", "promised", "today"})
GAP = re.compile(r"【[^【】]{1,40}】")
_NUMBER_LENGTH = 8


class Purpose(StrEnum):
    """What a text is for."""

    RESULT = "result"  # 办理结果
    RETURN = "return"  # 退单
    EXTENSION = "extension"  # 延期
    SUSPENSION = "suspension"  # 挂账


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    purpose: Purpose
    title: str
    current: str
    versions: dict[str, str]


_FILE = TypeAdapter(dict[str, _Entry])


@dataclass(frozen=True, slots=True)
class Template:
    """The version of a text that is in force; ``gaps`` are what a person has to write."""

    code: str
    version: str
    purpose: Purpose
    title: str
    text: str

    @property
    def gaps(self) -> list[str]:
        """The gaps, as they stand in the text."""
        return GAP.findall(self.text)


@dataclass(frozen=True, slots=True)
class OfficeData:
    """What the office knows of an order without asking anybody; nothing of it is about a person."""

    unit: str
    item: str
    street: str
    order_id: str
    promised_at: datetime | None
    now: datetime


@dataclass(frozen=True, slots=True)
class ReplyTemplates:
    """Every text that is in force, by code. ``zone`` is the city's, for times that people read."""

    entries: Mapping[str, Template]
    zone: ZoneInfo

    @classmethod
    def load(cls, path: Path, zone: ZoneInfo) -> "ReplyTemplates":
        """Read a TOML file. Raises ``ValueError`` for one that cannot be meant, naming the template."""
        try:
            read = _FILE.validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, ValidationError) as error:
            raise ValueError(f"{path.name}: {error}") from error
        for code, entry in read.items():
            if entry.current not in entry.versions:
                raise ValueError(f"{path.name}: {code}: there is no version {entry.current}")
            for version, text in entry.versions.items():
                _check(f"{path.name}: {code} version {version}", text)
        entries = {
            code: Template(code, entry.current, entry.purpose, entry.title, entry.versions[entry.current])
            for code, entry in read.items()
        }
        return cls(entries, zone)

    def unfilled(self, text: str) -> str | None:
        """A gap of one of the templates that is still in a text; other brackets are the writer's own."""
        known = {gap for template in self.entries.values() for gap in template.gaps}
        return next((gap for gap in GAP.findall(text) if gap in known), None)

    def fill(self, template: Template, data: OfficeData) -> str:
        """The text for one order; its gaps are still there."""
        promised = "" if data.promised_at is None else f"{data.promised_at.astimezone(self.zone):%Y年%m月%d日 %H:%M}"
        return template.text.format(
            unit=data.unit,
            item=data.item,
            street=data.street,
            number=data.order_id[:_NUMBER_LENGTH],
            promised=promised,
            today=f"{data.now.astimezone(self.zone):%Y年%m月%d日}",
        )


def _check(where: str, text: str) -> None:
    try:
        fields = {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
    if unknown := fields - PLACEHOLDERS:
        raise ValueError(f"{where}: unknown {', '.join(sorted(unknown))}")
    if not GAP.search(text):
        raise ValueError(f"{where}: it has no gap for what a person writes, and would be copied as it is")

"""消息模板 — the texts that citizens receive, by name and version."""

import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, TypeAdapter

PLACEHOLDERS = frozenset({"number", "promised", "link", "id"})
_NUMBER_LENGTH = 8


class UnknownTemplate(LookupError):
    """There is no such template, or no longer this version of it."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    current: str
    subject: str | None = None
    versions: dict[str, str]


_FILE = TypeAdapter(dict[str, _Entry])


@dataclass(frozen=True, slots=True)
class Templates:
    """Every version of every text. ``zone`` is the city's, for times that people read."""

    entries: Mapping[str, _Entry]
    zone: ZoneInfo

    @classmethod
    def load(cls, path: Path, zone: ZoneInfo) -> "Templates":
        """Read a TOML file. Raises ``ValueError`` for one that cannot be meant, naming the template."""
        entries = _FILE.validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
        for name, entry in entries.items():
            if entry.current not in entry.versions:
                raise ValueError(f"{path.name}: {name}: there is no version {entry.current}")
            for version, text in entry.versions.items():
                unknown = {field for _, field, _, _ in string.Formatter().parse(text) if field} - PLACEHOLDERS
                if unknown:
                    raise ValueError(f"{path.name}: {name} version {version}: unknown {', '.join(sorted(unknown))}")
        return cls(entries, zone)

    def version(self, name: str) -> str:
        """The version that new messages are created with. Raises ``UnknownTemplate``."""
        return self._entry(name).current

    def has_link(self, name: str, version: str) -> bool:
        """Whether the text carries a link of its recipient's own."""
        return name in self.entries and "{link}" in self.entries[name].versions.get(version, "")

    def render(self, name: str, version: str, *, issue_id: str, promised_at: datetime | None, link: str = "") -> str:
        """The text for one citizen: the same for the same arguments, for ever. Raises ``UnknownTemplate``."""
        text = self._entry(name).versions.get(version)
        if text is None:
            raise UnknownTemplate(f"{name} version {version}")
        promised = "" if promised_at is None else f"{promised_at.astimezone(self.zone):%Y年%m月%d日 %H:%M}"
        return text.format(number=issue_id[:_NUMBER_LENGTH], id=issue_id, promised=promised, link=link)

    def subject(self, name: str) -> str | None:
        """What a mail with this text is about; None: nothing of its own."""
        return self.entries[name].subject if name in self.entries else None

    def variables(self, name: str, version: str) -> list[str]:
        """What a text has filled in, in the order of its words. Raises ``UnknownTemplate``."""
        text = self._entry(name).versions.get(version)
        if text is None:
            raise UnknownTemplate(f"{name} version {version}")
        return [field for _, field, _, _ in string.Formatter().parse(text) if field]

    def require(self, names: Iterable[str]) -> None:
        """Raise ``ValueError`` for texts that somebody is to be told and that there are not."""
        missing = sorted(set(names) - set(self.entries))
        if missing:
            raise ValueError(f"there is no text for {', '.join(missing)}")

    def _entry(self, name: str) -> _Entry:
        if name not in self.entries:
            raise UnknownTemplate(name)
        return self.entries[name]

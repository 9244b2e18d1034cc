"""A service's limits, ratios, counts and hours out of TOML files: how much, in which unit, and by which rule.

A default file lies beside the service; a city lays its own over it (``LIMITS_FILE``). An override may change only what
the default names, so that a misspelt limit cannot go unnoticed, and must say its own source.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.daily_hours import DailyHours
from chassis.working_time import Limit, Unit, WorkCalendar

SECTIONS = ("limits", "ratios", "counts", "hours")
T = TypeVar("T", bound=BaseModel)
V = TypeVar("V")


class LimitsError(ValueError):
    """A limits file cannot be used; the message names file, key and rule."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: str = Field(min_length=1)


class _Limit(_Entry):
    amount: float = Field(ge=0, allow_inf_nan=False)
    unit: Unit


class _Ratio(_Entry):
    value: float = Field(gt=0, allow_inf_nan=False)


class _Count(_Entry):
    value: int = Field(ge=1, strict=True)


class _Hours(_Entry):
    windows: tuple[tuple[time, time], ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a service measures by. Names are those of its default file; an unknown one raises ``LimitsError``."""

    calendar: WorkCalendar
    limits: Mapping[str, Limit]
    ratios: Mapping[str, float]
    counts: Mapping[str, int]
    hours: Mapping[str, DailyHours]

    def __getitem__(self, name: str) -> Limit:
        return _named(self.limits, "limit", name)

    def ratio(self, name: str) -> float:
        """A plain factor, like the part of a limit after which a warning is due."""
        return _named(self.ratios, "ratio", name)

    def count(self, name: str) -> int:
        """A number of times."""
        return _named(self.counts, "count", name)

    def daily(self, name: str) -> DailyHours:
        """Hours of every day in which something holds."""
        return _named(self.hours, "hours", name)

    def due(self, name: str, start: datetime) -> datetime:
        """When the named limit ends that starts at ``start``; UTC."""
        return self.calendar.add(start, self[name])


def load_limits(default: Path, override: Path | None = None) -> Limits:
    """Read the default file and what lies over it. Raises ``LimitsError`` for anything that cannot be meant."""
    document = _read(default)
    source = default
    if override is not None:
        document = _overlay(document, _read(override), override)
        source = override
    try:
        calendar = WorkCalendar.from_config(document.get("calendar", {}))
    except ValueError as error:
        raise LimitsError(_explain(error, source, "calendar")) from error
    return Limits(
        calendar=calendar,
        limits=_section(_Limit, lambda read: Limit(read.amount, read.unit, read.source), document, "limits", source),
        ratios=_section(_Ratio, lambda read: read.value, document, "ratios", source),
        counts=_section(_Count, lambda read: read.value, document, "counts", source),
        hours=_section(_Hours, lambda read: DailyHours(read.windows, calendar.zone), document, "hours", source),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LimitsError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LimitsError(f"{path}: not a TOML file: {error}") from error
    for section, content in document.items():
        if section != "calendar" and section not in SECTIONS:
            raise LimitsError(f"{path.name}: unknown section [{section}]; known are calendar, {', '.join(SECTIONS)}")
        if not isinstance(content, dict):
            raise LimitsError(f"{path.name}: {section} must be a section")
    return document


def _overlay(default: dict[str, Any], override: dict[str, Any], path: Path) -> dict[str, Any]:
    merged = dict(default)
    if "calendar" in override:
        merged["calendar"] = {**default.get("calendar", {}), **override["calendar"]}
    for section in SECTIONS:
        entries = dict(default.get(section, {}))
        for name, changes in override.get(section, {}).items():
            if name not in entries:
                raise LimitsError(f"{path.name}: {section}.{name}: there is no such entry to change")
            if not isinstance(changes, dict) or "source" not in changes:
                raise LimitsError(f"{path.name}: {section}.{name}: source is missing: whose rule is it?")
            entries[name] = {**entries[name], **changes}
        merged[section] = entries
    return merged


def _section(
    model: type[T], build: Callable[[T], V], document: dict[str, Any], section: str, path: Path
) -> dict[str, V]:
    read = {}
    for name, entry in document.get(section, {}).items():
        try:
            read[name] = build(model.model_validate(entry))
        except ValueError as error:
            raise LimitsError(_explain(error, path, f"{section}.{name}")) from error
    return read


def _explain(error: ValueError, path: Path, where: str) -> str:
    if not isinstance(error, ValidationError):
        return f"{path.name}: {where}: {error}"
    first = error.errors()[0]
    key = ".".join([where, *(str(part) for part in first["loc"])])
    return f"{path.name}: {key}: {first['msg']}"


def _named(entries: Mapping[str, V], kind: str, name: str) -> V:
    try:
        return entries[name]
    except KeyError:
        raise LimitsError(f"there is no {kind} called {name!r}; known are {', '.join(sorted(entries))}") from None

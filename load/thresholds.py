"""What a run has to reach, and whether it has. Pure but for reading the file."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from load.errors import SettingsError
from load.figures import LATENESS, SHARES, Figures

FILE = Path(__file__).parent / "thresholds.toml"
RATIOS = ("errors", "completed")
AT_MOST, AT_LEAST = "at_most", "at_least"
TABLES = {"milliseconds", "ratio"}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A bound and where it comes from. ``figure``: p50, p95, p99 or max in milliseconds, or ratio."""

    of: str
    figure: str
    bound: float
    at_least: bool
    source: str

    def value(self, figures: Figures) -> float | None:
        """What was measured; None if nothing was."""
        if self.figure == "ratio":
            return figures.ratio(self.of)
        return figures.milliseconds(self.of).get(self.figure)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A threshold, what was measured, and whether it was kept. Where nothing was measured nothing was kept."""

    threshold: Threshold
    value: float | None

    @property
    def kept(self) -> bool:
        """Whether the value is on the right side of the bound."""
        if self.value is None:
            return False
        bound = self.threshold.bound
        return self.value >= bound if self.threshold.at_least else self.value <= bound

    def sentence(self) -> str:
        """For people: what was measured and what is wanted."""
        threshold, unit = self.threshold, "" if self.threshold.figure == "ratio" else " ms"
        precise = ".4f" if threshold.figure == "ratio" else ".1f"
        measured = "nothing measured" if self.value is None else f"{self.value:{precise}}{unit}"
        wanted = f"{'at least' if threshold.at_least else 'at most'} {threshold.bound:g}{unit}"
        said = f"{threshold.of} {threshold.figure}: {measured}, wanted {wanted}"
        return f"The generator cannot keep up: {said}" if threshold.of == LATENESS and not self.kept else said

    def report(self) -> dict[str, Any]:
        """For programs."""
        return {**asdict(self.threshold), "value": self.value, "kept": self.kept}


def judge(thresholds: Sequence[Threshold], figures: Figures) -> list[Verdict]:
    """A verdict for each threshold, in their order."""
    return [Verdict(threshold, threshold.value(figures)) for threshold in thresholds]


def read(file: Path = FILE) -> list[Threshold]:
    """The thresholds in ``file``; raises ``SettingsError`` naming ``LOAD_THRESHOLDS``."""
    try:
        found = list(_read(tomllib.loads(file.read_text("utf-8"))))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"LOAD_THRESHOLDS names a file that cannot be read: {error}.") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"LOAD_THRESHOLDS names a file that is not like load/thresholds.toml: {error}.") from error
    if not found:
        raise SettingsError(f"LOAD_THRESHOLDS names a file without any threshold: {file}.")
    return found


def _read(content: Mapping[str, Any]) -> Iterator[Threshold]:
    if unknown := content.keys() - TABLES:
        raise ValueError(f"no table {sorted(unknown)[0]!r}, there are {sorted(TABLES)}")
    for of, table in content.get("milliseconds", {}).items():
        yield from _bounds(of, table, {figure: (figure, False) for figure in SHARES})
    for of, table in content.get("ratio", {}).items():
        if of not in RATIOS:
            raise ValueError(f"no ratio {of!r}, there are {RATIOS}")
        yield from _bounds(of, table, {AT_MOST: ("ratio", False), AT_LEAST: ("ratio", True)})


def _bounds(of: str, table: Mapping[str, Any], known: Mapping[str, tuple[str, bool]]) -> Iterator[Threshold]:
    source, bounds = table.get("source"), {key: bound for key, bound in table.items() if key != "source"}
    if not isinstance(source, str) or not bounds:
        raise ValueError(f"{of!r} needs a source and one of {sorted(known)}")
    for key, bound in bounds.items():
        if key not in known or isinstance(bound, bool) or not isinstance(bound, int | float):
            raise ValueError(f"{of!r} has {key} = {bound!r}; there are {sorted(known)}, each a number")
        figure, at_least = known[key]
        yield Threshold(of, figure, float(bound), at_least, source)

"""When calls come in: a Poisson process whose rate follows the hours of a day. Pure."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from load.errors import SettingsError

FILE = Path(__file__).parent / "pattern.toml"
HOURS = 24
SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Pattern:
    """来电时段: ``calls_per_day``, and the share of each of the 24 hours in them; the shares add up to 1."""

    calls_per_day: float
    shares: tuple[float, ...]

    def per_hour(self, hour: int) -> float:
        """Calls in the hour that begins at ``hour`` o'clock; 24 is midnight again."""
        return self.calls_per_day * self.shares[hour % HOURS]


def read(file: Path = FILE) -> Pattern:
    """The pattern in ``file``; raises ``SettingsError`` naming ``LOAD_PATTERN``.

    Each hour counts half, its neighbours a quarter each: of 120 calls one more or less is chance, and an hour without
    any would be a silent city.
    """
    try:
        content = tomllib.loads(file.read_text("utf-8"))
        counts, calls_per_day = [float(count) for count in content["hours"]], float(content["calls_per_day"])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"LOAD_PATTERN names a file that cannot be read: {error}.") from error
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"LOAD_PATTERN names a file that is not like load/pattern.toml: {error!r}.") from error
    if len(counts) != HOURS or min(counts) < 0 or not sum(counts) or calls_per_day <= 0:
        raise SettingsError(f"LOAD_PATTERN needs {HOURS} counts in hours, none below 0, and calls_per_day above 0.")
    smooth = [(counts[hour - 1] + 2 * counts[hour] + counts[(hour + 1) % HOURS]) / 4 for hour in range(HOURS)]
    return Pattern(calls_per_day, tuple(count / sum(smooth) for count in smooth))


def arrivals(pattern: Pattern, factor: float, hour: int, seconds: float, dice: Random) -> Iterator[float]:
    """Seconds after the start at which calls come in, in order, for so many ``seconds`` from ``hour`` o'clock.

    ``factor`` multiplies the city's rate. Nobody who calls knows of the others or of how busy we are: the next call
    comes when it comes. (Thinning: candidates at the highest rate, of which each hour keeps its part.)
    """
    highest = factor * max(pattern.per_hour(each) for each in range(HOURS)) / SECONDS_PER_HOUR
    at = dice.expovariate(highest)
    while at < seconds:
        now = factor * pattern.per_hour(hour + int(at // SECONDS_PER_HOUR)) / SECONDS_PER_HOUR
        if dice.random() * highest < now:
            yield at
        at += dice.expovariate(highest)

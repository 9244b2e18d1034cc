"""History out of samples: what one lifecycle has left in a table, written again under other ids, times and streets.

A sample's rows, as COPY writes them, become a text with holes. Every id of a copy follows from the sample's id and the
copy's number, so that copies in the databases of several services belong together.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_HOLE = re.compile(
    rf"(?P<id>{UUID})"
    r"|(?P<time>(?!9999)\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00))"
    r"|(?P<key>(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f-]))"  # a client's Idempotency-Key; traces and hashes are longer
    r"|(?P<street>1501\d{5}(?!\d))"
)
_TIMES = range(1_577_836_800_000, 4_102_444_800_000)
"""Milliseconds of the years 2020 to 2099."""
DAYS = 235
"""How long ago the first of the closed issues came: 1,000,000 at the city's 4,260 a day (`load/pattern.toml`)."""
KEY_DAYS = 7
"""Idempotency keys live that long (`Settings.idempotency_key_days`)."""
FULL_DAYS = 60
"""Where there are many, of older events only that they happened is kept, see `thinned`."""
MANY = 200_000
"""So many issues are many."""
OPEN_SHARE = 0.03
"""Of all issues; the city's are done within a week: 4,260 × 7 of a million."""
AHEAD = timedelta(days=3)
"""Clocks of open issues are put forward by up to that much, so that none rings while one measures."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One more issue: ``number`` is its own, ``shift`` is added to every time, ``age`` is that of its beginning."""

    number: int
    shift: timedelta
    street: str
    age: timedelta

    @property
    def is_recent(self) -> bool:
        """Whether its idempotency keys are still kept."""
        return self.age < timedelta(days=KEY_DAYS)

    @property
    def is_old(self) -> bool:
        """Whether its events are thinned."""
        return self.age > timedelta(days=FULL_DAYS)


@dataclass(frozen=True, slots=True)
class Template:
    """Rows of one table that belong to one sample, with a hole for every id, time and street."""

    text: str
    ids: frozenset[str]
    times: dict[str, datetime]
    streets: frozenset[str]

    @classmethod
    def of(cls, lines: Iterable[str]) -> "Template":
        """Out of lines as COPY writes them, in UTC."""
        ids: set[str] = set()
        times: dict[str, datetime] = {}
        streets: set[str] = set()

        def hole(found: re.Match[str]) -> str:
            word = found.group()
            match found.lastgroup:
                case "time":
                    times[word] = datetime.fromisoformat(word).astimezone(UTC).replace(tzinfo=None)
                case "street":
                    streets.add(word)
                case _:
                    ids.add(word)
            return f"%({word})s"

        text = "".join(_HOLE.sub(hole, line.replace("%", "%%")) + "\n" for line in lines)
        return cls(text, frozenset(ids), times, frozenset(streets))

    def fill(self, copy: Copy) -> str:
        """The rows of a copy."""
        words = {time: f"{(at + copy.shift).isoformat()}Z" for time, at in self.times.items()}
        words |= {id_: new_id(id_, copy) for id_ in self.ids}
        words |= dict.fromkeys(self.streets, copy.street)
        return self.text % words


def new_id(old: str, copy: Copy) -> str:
    """What a sample's id becomes: of the same kind, and time-ordered ones at the copy's time.

    Those are UUIDv7 and what is derived beside one (`chassis.ids`); of all others one in eighty looks as if.
    """
    digest = hashlib.md5(b"%d %s" % (copy.number, old.encode()), usedforsecurity=False).hexdigest()
    if len(old) == len(digest):
        return digest
    began = int(old[:8] + old[9:13], 16)
    if began in _TIMES:
        at = f"{began + copy.shift // timedelta(milliseconds=1):012x}"
        return f"{at[:8]}-{at[8:]}-{old[14]}{digest[:3]}-b{digest[3:6]}-{digest[6:18]}"
    return f"{digest[:8]}-{digest[8:12]}-{old[14]}{digest[12:15]}-a{digest[15:18]}-{digest[18:30]}"


def closed_copies(count: int, begun: datetime, now: datetime, streets: Sequence[str]) -> Iterator[Copy]:
    """Closed issues of a sample that was ``begun`` then: the last DAYS before yesterday, evenly, oldest first."""
    newest = now - timedelta(days=1)
    for number, street in enumerate(islice(cycle(streets), count)):
        at = newest - timedelta(days=DAYS) * ((count - number) / count)
        yield Copy(number, at - begun, street, now - at)


def open_copies(count: int, first: int, streets: Sequence[str]) -> Iterator[Copy]:
    """Open issues, numbered from ``first``."""
    for number, street in enumerate(islice(cycle(streets), count)):
        yield Copy(first + number, AHEAD * ((number + 1) / count), street, timedelta())


def thinned(line: str, columns: Sequence[str]) -> str:
    """An event's row without what it says; nothing that is measured reads that of old ones, and disks are finite.

    Dispatches and registrations stay as they are: by them a unit's and a caller's issues are found.
    """
    if any(type_ in line for type_ in ("router.order.dispatched", "intake.issue.registered")):
        return line
    fields = line.split("\t")
    return "\t".join("{}" if name in ("data", "meta") else field for name, field in zip(columns, fields, strict=True))

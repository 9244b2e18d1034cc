"""What this process has committed, by hand from its pipeline to its relay, which need not read it back.

The relay asks the database for what is unpublished and publishes it in the order of positions. Most of that its own
process has committed an instant before. Handed over, it is published at once, but only where nothing can be missing
before it: the event before it of the same subject was handed over too, or found, since the relay leads. Else
the database is asked, as it is for what other processes commit.
"""

from collections.abc import Iterable, Sequence

from chassis.outbox import Row
from chassis.session import Session

_REMEMBERED = 20_000  # subjects, 4 MB; for one that was forgotten the database is asked
_LONGEST = 2_000  # rows; while the broker is silent the others stay in the database only


class Handover:
    """A queue of rows of ``events``. Closed until the relay has asked for all that was committed before."""

    def __init__(self) -> None:
        self.is_open = False
        self._closings = 0
        self._rows: list[Row] = []
        self._last: dict[tuple[str, str], int] = {}
        """The last version of each subject that was handed over or found; what moved last is at the end."""

    def offer(self, rows: Sequence[Row]) -> None:
        """Take the events of one transaction. If the database has to be asked for them, close: nothing overtakes."""
        if self.is_open and len(self._rows) < _LONGEST and self._follow(rows):
            self._rows += rows
        else:
            self.close()

    def take(self) -> list[Row]:
        """Everything that was handed over since the last time, in order."""
        rows, self._rows = self._rows, []
        return rows

    def close(self) -> int:
        """Take nothing until the database was asked; return which closing it is."""
        self.is_open = False
        self._closings += 1
        return self._closings

    def open(self, found: Iterable[Row], closing: int) -> None:
        """Go on behind what was ``found``, which is everything that was unpublished at the ``closing`` or later.

        If there was another one since, something may have come too late for that: stay closed.
        """
        self.note(found)
        self.is_open = closing == self._closings

    def note(self, found: Iterable[Row]) -> None:
        """Remember what was found in the database."""
        for row in found:
            self._remember((row.aggregate, row.id), row.version)

    def forget(self) -> None:
        """The relay no longer leads: whoever does asks for all that is unpublished."""
        self.close()
        self._rows.clear()
        self._last.clear()

    def _follow(self, rows: Sequence[Row]) -> bool:
        for row in rows:
            subject = row.aggregate, row.id
            if self._last.get(subject, 0) != row.version - 1:
                return False
            self._remember(subject, row.version)
        return True

    def _remember(self, subject: tuple[str, str], version: int) -> None:
        self._last.pop(subject, None)
        self._last[subject] = version
        if len(self._last) > _REMEMBERED:
            del self._last[next(iter(self._last))]


def rows_of(session: Session) -> list[Row]:
    """The events of a transaction that has been written, as the relay would find them."""
    return [
        Row(
            position,
            event.aggregate,
            event.id,
            event.version,
            event.event_id,
            event.event.type,
            event.issue_id,
            event.data,
            session.now,
            epoch,
            event.traceparent,
            event.hop,
        )
        for (position, epoch), event in zip(session.places, session.events, strict=True)
    ]

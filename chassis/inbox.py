"""The inbox: how far each subject has been handled, and what an arriving event is in the light of that.

Events of one subject carry a gapless sequence. Lower or equal is a duplicate, the next is handled, a jump is
held. Behind a record that could not be handled, everything of its subject waits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from chassis.database import Conn
from chassis.work import Arrival
from chassis.writes import Writes

Key = tuple[str, str]
Row = tuple[int | None, int, bool]
"""Epoch, sequence, parked."""


class StaleCursor(Exception):
    """Another consumer created the row meanwhile: read again."""


class Placement(Enum):
    """What an arriving record is."""

    NEXT = auto()
    DUPLICATE = auto()
    GAP = auto()
    PARKED = auto()
    EPOCH = auto()


@dataclass(slots=True)
class Cursor:
    """One subject of one source: the sequence handled last, and the sequences that wait in dead letters."""

    epoch: int | None
    """None until a record could be read that tells it."""
    sequence: int
    waiting: list[int] = field(default_factory=list)
    """Sequences of the dead letters of this subject that are not resolved; one may be there twice."""
    letters: dict[str, int | None] = field(default_factory=dict)
    """Letters that were open when the row was locked, by id: those that wait with their sequence, and those that are
    replayed though nobody could place them so far."""
    is_new: bool = False
    before: "Row" = (None, 0, False)
    accepted: int = 0
    """Epoch of the source up to which an operator lets subjects go on without being asked again."""

    def place(self, sequence: int, epoch: int | None, *, replayed: bool) -> Placement:
        """Say what a record is. ``epoch`` is None where the record is too broken to tell."""
        if epoch is not None and self.epoch is not None and epoch != self.epoch and not self._goes_on(sequence, epoch):
            is_forgotten = epoch < self.epoch and sequence <= self.sequence
            return Placement.DUPLICATE if is_forgotten else Placement.EPOCH
        if sequence <= self.sequence:
            return Placement.DUPLICATE
        if sequence == self.sequence + 1 and (replayed or sequence not in self.waiting):
            return Placement.NEXT
        return Placement.PARKED if self.sequence + 1 in self.waiting else Placement.GAP

    def _goes_on(self, sequence: int, epoch: int) -> bool:
        """Whether a record of a later, accepted epoch continues what was handled, instead of contradicting it."""
        return (
            (self.epoch or 0) < epoch <= self.accepted
            and sequence > self.sequence
            and all(waiting > self.sequence for waiting in self.waiting)
        )

    def advance(self, sequence: int, epoch: int | None) -> None:
        """Count ``sequence`` of ``epoch`` as handled."""
        self.sequence = max(self.sequence, sequence)
        if epoch is not None and self.epoch is not None:
            self.epoch = max(self.epoch, epoch)

    def release(self, letter: str) -> None:
        """One of ``letters`` is resolved."""
        if (sequence := self.letters.pop(letter)) is not None:
            self.waiting.remove(sequence)

    def row(self) -> Row:
        """The cursor as stored."""
        return self.epoch, self.sequence, bool(self.waiting)


def key_of(arrival: Arrival) -> Key | None:
    """Source and subject, or None when the record does not say whose it is or where it belongs in the order."""
    if arrival.identity is None or arrival.identity.sequence is None:
        return None
    return arrival.identity.source, arrival.identity.subject


async def lock(conn: Conn, arrivals: Iterable[Arrival]) -> dict[Key, Cursor]:
    """Lock the rows of all subjects, in key order, and return their cursors; new ones start before 1."""
    epochs: dict[Key, int | None] = {}
    replayed: dict[str, Key] = {}
    for arrival in arrivals:
        if (key := key_of(arrival)) is None:
            continue
        if epochs.get(key) is None:
            epochs[key] = arrival.envelope.epoch if arrival.envelope else None
        if arrival.letter is not None:
            replayed[arrival.letter] = key
    if not epochs:
        return {}
    keys = sorted(epochs)
    rows = await conn.fetch(
        """
        SELECT i.source, i.subject, i.epoch, i.sequence, i.parked,
               (SELECT a.epoch FROM accepted_epochs a WHERE a.source = i.source)
        FROM inbox i JOIN unnest($1::text[], $2::text[]) k (source, subject) USING (source, subject)
        ORDER BY i.source, i.subject FOR UPDATE OF i
        """,
        [k[0] for k in keys],
        [k[1] for k in keys],
    )
    cursors = {key: Cursor(epochs[key], 0, is_new=True) for key in keys}
    for source, subject, epoch, sequence, parked, accepted in rows:
        known = epochs[source, subject] if epoch is None else epoch
        before = (epoch, sequence, parked)
        cursors[source, subject] = Cursor(known, sequence, before=before, accepted=accepted or 0)
    parked = {(row["source"], row["subject"]) for row in rows if row["parked"]}
    await _load_waiting(conn, cursors, sorted(parked.union(replayed.values())))
    await _load_unplaced(conn, cursors, replayed)
    return cursors


async def _load_waiting(conn: Conn, cursors: dict[Key, Cursor], parked: Sequence[Key]) -> None:
    if not parked:
        return
    rows = await conn.fetch(
        """
        SELECT d.source, d.subject, d.sequence, d.id::text
        FROM dead_letters d JOIN unnest($1::text[], $2::text[]) k (source, subject) USING (source, subject)
        WHERE d.resolution IS NULL AND d.sequence IS NOT NULL
        """,
        [k[0] for k in parked],
        [k[1] for k in parked],
    )
    for source, subject, sequence, letter in rows:
        cursors[source, subject].waiting.append(sequence)
        cursors[source, subject].letters[letter] = sequence


async def _load_unplaced(conn: Conn, cursors: dict[Key, Cursor], replayed: Mapping[str, Key]) -> None:
    unknown = [letter for letter, key in replayed.items() if letter not in cursors[key].letters]
    if not unknown:
        return
    rows = await conn.fetch(
        "SELECT d.id::text FROM dead_letters d "
        "WHERE d.id = ANY($1::text[]::uuid[]) AND d.resolution IS NULL AND d.sequence IS NULL",
        unknown,
    )
    for (letter,) in rows:
        cursors[replayed[letter]].letters[letter] = None


def save(writes: Writes, cursors: dict[Key, Cursor]) -> None:
    """Write the cursors that moved; that raises StaleCursor if another consumer created one of the new rows."""
    moved = [(key, cursor) for key, cursor in sorted(cursors.items()) if cursor.row() != cursor.before]
    old = [(key, cursor) for key, cursor in moved if not cursor.is_new]
    new = [(key, cursor) for key, cursor in moved if cursor.is_new]
    if old:
        writes.add(
            """
            UPDATE inbox i SET epoch = u.epoch, sequence = u.sequence, parked = u.parked
            FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bool[])
                AS u (source, subject, epoch, sequence, parked)
            WHERE i.source = u.source AND i.subject = u.subject
            """,
            *_columns(old),
        )
    if new:
        writes.add(
            """
            INSERT INTO inbox (source, subject, epoch, sequence, parked)
            SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bool[])
            ON CONFLICT DO NOTHING
            """,
            *_columns(new),
            exactly=(len(new), StaleCursor()),
        )


def _columns(
    rows: Sequence[tuple[Key, Cursor]],
) -> tuple[list[str], list[str], list[int | None], list[int], list[bool]]:
    stored = [cursor.row() for _, cursor in rows]
    return (
        [key[0] for key, _ in rows],
        [key[1] for key, _ in rows],
        [row[0] for row in stored],
        [row[1] for row in stored],
        [row[2] for row in stored],
    )

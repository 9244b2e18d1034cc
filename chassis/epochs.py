"""Epochs: how a restored producer tells its new history from the one it forgot, and how consumers take it over.

An event carries the epoch it was recorded in. What a backup already held keeps its epoch and is known as a duplicate;
what is recorded after the restore has the next one, and consumers hold it until a person has looked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import asyncpg

from chassis import dead_letters, operator_actions
from chassis.database import Conn
from chassis.outbox import RELAY_LOCK
from contracts.envelope import Malformed, decode

_HELD = """
SELECT i.subject, i.epoch, i.sequence AS handled, d.id::text, d.sequence, d.key, d.value, d.headers::text
FROM inbox i JOIN dead_letters d USING (source, subject)
WHERE i.source = $1 AND d.reason = 'epoch' AND d.resolution IS NULL
ORDER BY i.source, i.subject, d.sequence, d.created_at FOR UPDATE OF i
"""

_SEEN = """
SELECT greatest(1, (SELECT epoch FROM accepted_epochs WHERE source = $1),
                (SELECT max(epoch) FROM inbox WHERE source = $1))
"""


class StillServing(Exception):
    """A process of the service publishes from this database; it has to be stopped first."""


class UnknownEpoch(Exception):
    """Later than the next one; the argument is the latest known. With it all restores before it would be accepted."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject whose records of a later epoch wait: ``first`` is the earliest of them, of ``epoch``.

    It diverged when as many or more were ``handled`` here: the producer has forgotten some of those.
    """

    subject: str
    handled: int
    epoch: int
    first: int
    letters: Sequence[str]
    accepted: bool

    @property
    def diverged(self) -> bool:
        """Whether something was handled here that the producer no longer knows."""
        return self.first <= self.handled


async def raise_epoch(conn: Conn, actor: str) -> int:
    """Begin the next epoch of this service's own events. Raises StillServing."""
    async with conn.transaction():
        if not await conn.fetchval("SELECT pg_try_advisory_xact_lock($1)", RELAY_LOCK):
            raise StillServing
        epoch: int = await conn.fetchval("UPDATE publisher SET epoch = epoch + 1 RETURNING epoch")
        await operator_actions.note(conn, actor, "epoch.raise", epoch=epoch)
    return epoch


async def accept_epoch(conn: Conn, source: str, epoch: int, *, diverged: bool, actor: str) -> list[Subject]:
    """Let the subjects of ``source`` go on in ``epoch``; returns those of which records were held.

    Held records of subjects that simply go on are released to the sweeper. Those that diverged stay held unless
    ``diverged`` is true: then the new telling is handled from its first event on, and what was handled of the old one
    stays. Safe beside serving processes, since it locks the inbox rows first. Raises UnknownEpoch if ``epoch`` is more
    than one later than any that was accepted, handled or held before.
    """
    async with conn.transaction():
        held = [(row, _epoch_of(row)) for row in await conn.fetch(_HELD, source)]
        seen: int = await conn.fetchval(_SEEN, source)
        known = max([seen, *(own for _, own in held)])
        if epoch > known + 1:
            raise UnknownEpoch(known)
        subjects = [
            found
            for _, rows in groupby(held, key=lambda one: one[0]["subject"])
            if (found := _subject(list(rows), epoch, diverged)) is not None
        ]
        await conn.execute(
            "INSERT INTO accepted_epochs VALUES ($1, $2) "
            "ON CONFLICT (source) DO UPDATE SET epoch = greatest(accepted_epochs.epoch, excluded.epoch)",
            source,
            epoch,
        )
        for subject in subjects:
            if subject.accepted:
                await _release(conn, source, subject)
        await operator_actions.note(
            conn,
            actor,
            "epoch.accept",
            source=source,
            epoch=epoch,
            diverged=[one.subject for one in subjects if one.diverged and one.accepted],
            left=[one.subject for one in subjects if not one.accepted],
        )
    return subjects


def _subject(rows: Sequence[tuple[asyncpg.Record, int]], epoch: int, diverged: bool) -> Subject | None:
    """What is held of one subject and belongs to a later epoch, up to ``epoch``."""
    letters = [(row, own) for row, own in rows if (row["epoch"] or 0) < own <= epoch]
    if not letters:
        return None
    (row, own), handled = letters[0], rows[0][0]["handled"]
    accepted = diverged or row["sequence"] > handled
    return Subject(row["subject"], handled, own, row["sequence"], [one["id"] for one, _ in letters], accepted)


def _epoch_of(row: asyncpg.Record) -> int:
    try:
        return decode(row["key"], row["value"], dead_letters.unpack(row["headers"])).epoch
    except Malformed:  # it cannot have been put aside for its epoch; leave it to a person
        return 0


async def _release(conn: Conn, source: str, subject: Subject) -> None:
    if subject.diverged:
        before = subject.first - 1
        await conn.execute(
            "UPDATE inbox SET epoch = $3, sequence = $4 WHERE source = $1 AND subject = $2",
            source,
            subject.subject,
            subject.epoch,
            before,
        )
        # The timeline is of the history that its producer still tells.
        await conn.execute(
            "DELETE FROM journal WHERE source = $1 AND subject = $2 AND sequence > $3", source, subject.subject, before
        )
    await conn.execute(
        "UPDATE dead_letters SET reason = 'parked' WHERE id = ANY($1::text[]::uuid[])", list(subject.letters)
    )

"""The records of one transaction: what each is in the light of the inbox, and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from chassis import dead_letters, inbox
from chassis.database import Conn
from chassis.dead_letters import DEAD_LETTER_PROBLEMS, Letter
from chassis.inbox import Cursor, Key, Placement
from chassis.logs import describe
from chassis.work import Arrival, Fault, Work
from chassis.writes import Writes
from contracts.envelope import Envelope
from contracts.rejected import Rejected

_HELD = {
    Placement.GAP: ("gap", "an earlier event of this subject has not arrived"),
    Placement.PARKED: ("parked", "an earlier event of this subject could not be handled"),
    Placement.EPOCH: ("epoch", "the producer's history was restored to an earlier time"),
}


@dataclass(slots=True)
class Arrivals:
    """Cursors as locked, and the letters and journal entries that the transaction will write."""

    cursors: dict[Key, Cursor]
    journal: bool
    letters: list[Letter] = field(default_factory=list)
    resolved: list[Arrival] = field(default_factory=list)
    failed_again: list[Letter] = field(default_factory=list)
    noted: list[Envelope] = field(default_factory=list)

    def handle(self, work: Work, arrival: Arrival, decide: Callable[[], None]) -> None:
        """Place the record; run ``decide`` if its turn has come. Never loses it, whatever ``decide`` raises.

        Raises Rejected ``dead_letter.not_next`` or ``dead_letter.epoch`` if a letter is replayed before its turn.
        """
        key = inbox.key_of(arrival)
        if key is None or arrival.identity is None or arrival.identity.sequence is None:
            self._put_aside(arrival, arrival.fault or Fault("malformed", "the record does not say whose it is"))
            return
        cursor, sequence = self.cursors[key], arrival.identity.sequence
        if arrival.letter is not None and arrival.letter not in cursor.letters:
            return  # resolved since it was fetched, perhaps by this very replay, whose answer was lost
        epoch = arrival.envelope.epoch if arrival.envelope else None
        placement = cursor.place(sequence, epoch, replayed=arrival.letter is not None)
        if placement is Placement.DUPLICATE:
            self._done(arrival, cursor)
        elif placement is Placement.NEXT:
            self._try(arrival, cursor, sequence, epoch, decide)
        elif arrival.letter is not None:
            code = "dead_letter.epoch" if placement is Placement.EPOCH else "dead_letter.not_next"
            raise Rejected(code, DEAD_LETTER_PROBLEMS[code])
        else:
            self.letters.append(Letter(arrival, *_HELD[placement]))
            cursor.waiting.append(sequence)

    def _try(
        self, arrival: Arrival, cursor: Cursor, sequence: int, epoch: int | None, decide: Callable[[], None]
    ) -> None:
        fault = arrival.fault
        if fault is None:
            try:
                decide()
            except Rejected as rejected:
                fault = Fault("rejected", str(rejected))
            except Exception as error:  # a defect must not stop the topic: it waits as a letter, with its name
                fault = Fault("defect", describe(error))
        if fault is None:
            cursor.advance(sequence, epoch)
            self._done(arrival, cursor)
            if self.journal and arrival.envelope is not None:
                self.noted.append(arrival.envelope)
            return
        self._put_aside(arrival, fault)
        if arrival.letter is None:
            cursor.waiting.append(sequence)

    def _done(self, arrival: Arrival, cursor: Cursor) -> None:
        if arrival.letter is not None:
            self.resolved.append(arrival)
            cursor.release(arrival.letter)

    def _put_aside(self, arrival: Arrival, fault: Fault) -> None:
        letter = Letter(arrival, fault.reason, fault.error)
        (self.letters if arrival.letter is None else self.failed_again).append(letter)

    async def save_letters(self, conn: Conn, now: datetime) -> None:
        """Write the letters."""
        await dead_letters.insert(conn, self.letters, now)
        await dead_letters.resolve(conn, self.resolved, now)
        await dead_letters.fail_again(conn, self.failed_again)

    def save(self, writes: Writes) -> None:
        """Write cursors and journal."""
        inbox.save(writes, self.cursors)
        if self.noted:
            writes.add(
                """
                INSERT INTO journal (source, subject, sequence, issue_id, type, time, data)
                SELECT u.source, u.subject, u.sequence, u.issue_id, u.type, u.time, u.data::jsonb
                FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]::uuid[], $5::text[], $6::timestamptz[],
                            $7::text[]) u (source, subject, sequence, issue_id, type, time, data)
                ON CONFLICT DO NOTHING
                """,
                [e.source for e in self.noted],
                [e.subject for e in self.noted],
                [e.sequence for e in self.noted],
                [e.issue_id for e in self.noted],
                [e.type for e in self.noted],
                [e.time for e in self.noted],
                [e.data.decode() for e in self.noted],
            )

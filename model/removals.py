"""The rules, each taken out by swapping the piece of the product that holds it. The model has to notice every one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition

import chassis.relay
from chassis import store
from chassis.consumer import Consumer
from chassis.handover import Handover
from chassis.inbox import Cursor, Placement
from chassis.outbox import Row
from chassis.work import Record
from model.commanding import Commanding
from model.connection import Connection
from model.consuming import Consuming
from model.explore import Scenario
from model.publishing import Publishing
from model.swap import swapped

_IN_ORDER = ((1, 2, 3),)
_place = Cursor.place


@dataclass(frozen=True)
class Removal:
    """A rule, the small system that needs it, and what is put in its place: (owner, name, other piece)."""

    name: str
    scenario: Callable[[], Any]
    swaps: Sequence[tuple[Any, str, Any]]

    @contextmanager
    def applied(self) -> Iterator[Scenario[Any]]:
        """The system without the rule."""
        with ExitStack() as stack:
            for swap in self.swaps:
                stack.enter_context(swapped(*swap))
            yield stack.enter_context(self.scenario())


def _saying(*changes: tuple[str, str, str]) -> tuple[Any, str, Any]:
    """(beginning, words, instead): statements that begin so say something else on their way to the database."""

    def rewrite(sql: str) -> str:
        for beginning, words, instead in changes:
            if sql.startswith(beginning):
                sql = sql.replace(words, instead)
        return sql

    return Connection, "rewrite", staticmethod(rewrite)


def _placing(found: Placement, instead: Placement) -> tuple[Any, str, Any]:
    def place(cursor: Cursor, sequence: int, epoch: int | None, *, replayed: bool) -> Placement:
        placement = _place(cursor, sequence, epoch, replayed=replayed)
        return instead if placement is found else placement

    return Cursor, "place", place


def _replaying_whatever_the_turn() -> tuple[Any, str, Any]:
    def place(cursor: Cursor, sequence: int, epoch: int | None, *, replayed: bool) -> Placement:
        return Placement.NEXT if replayed else _place(cursor, sequence, epoch, replayed=replayed)

    return Cursor, "place", place


async def _forget_to_wait(consumer: Consumer, records: Sequence[Record]) -> None:
    for record in records:
        consumer._in_hand._pipeline.submit(consumer._in_hand._reader.read(record))
        consumer._handled[TopicPartition(record.topic, record.partition)] = record.offset + 1


async def _know_no_answers(*_: Any) -> dict[Any, Any]:
    return {}


def _store_no_answers(*_: Any) -> None:
    """Whoever asks again is taken for somebody new."""


def _all(rows: Sequence[Any], _sent: Any) -> list[int]:
    return [row.position for row in rows]


def _all_acknowledged(rows: Sequence[Any], sent: Sequence[Any]) -> list[int]:
    return [row.position for row, future in zip(rows, sent, strict=True) if future.exception() is None]


def _whatever_is_missing(handover: Handover, rows: Sequence[Row]) -> bool:
    is_new = all(handover._last.get((row.aggregate, row.id), 0) < row.version for row in rows)
    if is_new:
        handover.note(rows)
    return is_new


def _whatever_came(handover: Handover, found: Sequence[Row], _closing: int) -> None:
    handover.note(found)
    handover.is_open = True


def _not_closed(handover: Handover) -> int:
    handover._closings += 1
    return handover._closings


def _publishing() -> Publishing:
    return Publishing([("a", 1), ("a", 2), ("a", 3)], faults=1)


def _handing_over() -> Publishing:
    return Publishing([("a", 1), ("a", 2)], faults=0, by_hand=1)


def _handing_over_again() -> Publishing:
    return Publishing([("a", 1), ("a", 2)], faults=1, by_hand=1)


def _consuming() -> Consuming:
    return Consuming(_IN_ORDER, poison=None, faults=1)


def _parking() -> Consuming:
    return Consuming(_IN_ORDER, poison=1, faults=0)


def _out_of_order() -> Consuming:
    return Consuming(((2, 1, 2, 3),), poison=None, faults=0)


def _commanding() -> Commanding:
    return Commanding(callers=2, faults=1)


_EVENTS_GUARD = ("INSERT INTO events", "ON CONFLICT (aggregate, id, version) DO NOTHING", "")

REMOVALS = (
    Removal("inbox check: repeated events are skipped", _consuming, [_placing(Placement.DUPLICATE, Placement.NEXT)]),
    Removal("row lock: FOR UPDATE on the inbox", _consuming, [_saying(("SELECT i.source", "FOR UPDATE OF i", ""))]),
    Removal("offsets after the transaction", _consuming, [(Consumer, "_handle", _forget_to_wait)]),
    Removal("gap: what comes too early is held", _out_of_order, [_placing(Placement.GAP, Placement.NEXT)]),
    Removal("parking: what follows poison waits", _parking, [_placing(Placement.PARKED, Placement.NEXT)]),
    Removal("replay in order", _parking, [_replaying_whatever_the_turn()]),
    Removal("relay lock", _publishing, [_saying(("SELECT pg_try", "SELECT pg_try_advisory_lock($1)", "SELECT true"))]),
    Removal("mark after the acknowledgement", _publishing, [(chassis.relay, "acknowledged_prefix", _all)]),
    Removal("acknowledged prefix", _publishing, [(chassis.relay, "acknowledged_prefix", _all_acknowledged)]),
    Removal(
        "publishing in order",
        _publishing,
        [_saying(("WITH marked", "ORDER BY position", ""))],
    ),
    Removal("handed over: only what follows", _handing_over, [(Handover, "_follow", _whatever_is_missing)]),
    Removal("handed over: not while the database is asked", _handing_over, [(Handover, "close", _not_closed)]),
    Removal("handed over: asked for again what came meanwhile", _handing_over, [(Handover, "open", _whatever_came)]),
    Removal(
        "handed over: forgotten by whoever begins anew", _handing_over_again, [(Handover, "forget", Handover.close)]
    ),
    Removal(
        "idempotency key",
        _commanding,
        [(store, "known_answers", _know_no_answers), (store, "store_answers", _store_no_answers)],
    ),
    Removal("row lock: FOR UPDATE on states", _commanding, [_saying(("SELECT id::text, version", "FOR UPDATE", ""))]),
    Removal(
        "row lock on states and the version guard behind it",
        _commanding,
        [
            _saying(
                ("SELECT id::text, version", "FOR UPDATE", ""),
                ("UPDATE tallies", "AND t.version = u.expected", ""),
                _EVENTS_GUARD,
            )
        ],
    ),
    Removal(
        "version guard",
        _commanding,
        [
            _saying(
                ("UPDATE tallies", "AND t.version = u.expected", ""),
                ("INSERT INTO tallies", "DO NOTHING", "(id) DO UPDATE SET version = excluded.version"),
                _EVENTS_GUARD,
            )
        ],
    ),
)

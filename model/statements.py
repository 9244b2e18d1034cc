"""What the product's statements mean, over a ``View``. Locks, guards and order are read from their text.

A statement that is not known here stops the model: whoever changes one says here what it means now.
``tests/integration/chassis/test_model_statements.py`` asks PostgreSQL whether it agrees.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from model.connection import BEGIN, ROLLBACK, TAKEN, Row
from model.program import COMMIT
from model.store import Key, Value, View

Answer = Any
_CONTENTS: list[tuple[Any, ...]] = []
"""Keys, values and headers of dead letters: a state only holds their number."""


class UnknownStatement(Exception):
    """The product says something new to the database."""


def execute(view: View, text: str, args: Sequence[Any]) -> Answer:
    """Run a statement. Raises Blocked if it has to wait, UnknownStatement if nobody said what it means."""
    return _find(text)[1](view, text, args)


def words(text: str) -> str:
    """A statement, for people."""
    return _find(text)[0]


@cache
def _find(text: str) -> "tuple[str, Callable[[View, str, Sequence[Any]], Answer]]":
    for beginning, meaning in _MEANINGS.items():
        if text.startswith(beginning):
            return meaning
    raise UnknownStatement(text)


def _begin(view: View, _text: str, _args: Sequence[Any]) -> Answer:
    view.begin()
    return "BEGIN"


def _commit(view: View, _text: str, _args: Sequence[Any]) -> Answer:
    view.is_visible = True
    view.commit()
    return "COMMIT"


def _roll_back(view: View, _text: str, _args: Sequence[Any]) -> Answer:
    view.roll_back()
    return "ROLLBACK"


def _lock_inbox(view: View, text: str, args: Sequence[Any]) -> Answer:
    found = []
    for source, subject in sorted(zip(args[0], args[1], strict=True)):
        if view.get(key := ("inbox", source, subject)) is not None:
            _lock_if_asked(view, text, key)
            epoch, sequence, parked = view.get(key) or ()
            columns = {"source": source, "subject": subject, "epoch": epoch, "sequence": sequence, "parked": parked}
            found.append(Row.of(**columns, accepted=None))
    return tuple(found)


def _waiting(view: View, _text: str, args: Sequence[Any]) -> Answer:
    wanted = set(zip(args[0], args[1], strict=True))
    return tuple(
        Row.of(source=source, subject=subject, sequence=sequence, id=letter_id(key))
        for key, (source, subject, sequence, _, resolution, _) in view.scan("dead_letters")
        if (source, subject) in wanted and resolution is None and sequence is not None
    )


def _unplaced(view: View, _text: str, args: Sequence[Any]) -> Answer:
    letters = [(id_, view.get(key_of_letter(id_))) for id_ in args[0]]
    return tuple(Row.of(id=id_) for id_, row in letters if row and row[4] is None and row[2] is None)


def _move_inbox(view: View, _text: str, args: Sequence[Any]) -> Answer:
    for source, subject, epoch, sequence, parked in zip(*args, strict=True):
        view.put(("inbox", source, subject), (epoch, sequence, parked))
    return f"UPDATE {len(args[0])}"


def _add_inbox(view: View, _text: str, args: Sequence[Any]) -> Answer:
    rows = zip(*args, strict=True)
    return _insert(view, [(("inbox", source, subject), tuple(row)) for source, subject, *row in rows])


def _states(view: View, text: str, args: Sequence[Any]) -> Answer:
    table = text.split(" FROM ")[1].split()[0]
    found = []
    for id_ in sorted(args[0]):
        if view.get(key := (table, id_)) is not None:
            _lock_if_asked(view, text, key)
            version, state = view.get(key) or ()
            found.append(Row.of(id=id_, version=version, state=state, traceparent=None))
    return tuple(found)


def _move_states(view: View, text: str, args: Sequence[Any]) -> Answer:
    table = text.split()[1]
    ids, expected, versions, states, _ = args
    moved = 0
    for id_, before, after, state in zip(ids, expected, versions, states, strict=True):
        view.lock(key := (table, id_))
        version = (view.get(key) or (None,))[0]
        if version == before or "t.version = u.expected" not in text:
            view.put(key, (after, state))
            moved += 1
    return f"UPDATE {moved}"


def _add_states(view: View, text: str, args: Sequence[Any]) -> Answer:
    table = text.split()[2]
    ids, versions, states, _, _ = args
    rows = [((table, i), (v, s)) for i, v, s in zip(ids, versions, states, strict=True)]
    if "DO NOTHING" in text:
        return _insert(view, rows)
    for key, row in rows:
        view.put(key, row)
    return f"INSERT 0 {len(rows)}"


def _add_events(view: View, text: str, args: Sequence[Any]) -> Answer:
    rows = [(("events", a, i, v), (event_id,)) for a, i, v, event_id in zip(*args[:4], strict=True)]
    status = _insert(view, rows)
    return status if "DO NOTHING" in text or status == f"INSERT 0 {len(rows)}" else TAKEN


def _add_letters(view: View, _text: str, args: Sequence[Any]) -> Answer:
    rows = []
    for topic, partition, offset, key, value, headers, *place, reason, _ in zip(*args[1:12], strict=True):
        content = (key, value, headers)
        if content not in _CONTENTS:
            _CONTENTS.append(content)
        letter = (*place, reason, None, _CONTENTS.index(content))
        rows.append((("dead_letters", topic, partition, offset), letter))
    return _insert(view, rows)


def _resolve_letters(view: View, _text: str, args: Sequence[Any]) -> Answer:
    return _change_letters(view, args[0], lambda letter, _: (*letter[:4], "replayed", letter[5]))


def _fail_letters(view: View, _text: str, args: Sequence[Any]) -> Answer:
    return _change_letters(view, args[0], lambda letter, place: (*letter[:3], args[1][place], *letter[4:]))


def _discard_letter(view: View, _text: str, args: Sequence[Any]) -> Answer:
    return _change_letters(view, args[:1], lambda letter, _: (*letter[:4], "discarded", letter[5]))


def _change_letters(view: View, ids: Sequence[str], change: Callable[[Value, int], Value]) -> Answer:
    changed = 0
    for place, id_ in enumerate(ids):
        view.lock(key := key_of_letter(id_))
        letter = view.get(key)
        if letter and letter[4] is None:
            view.put(key, change(letter, place))
            changed += 1
    return f"UPDATE {changed}"


def _ready_letters(view: View, _text: str, _args: Sequence[Any]) -> Answer:
    cursors = {key[1:]: value for key, value in view.scan("inbox")}
    return tuple(
        Row.of(id=letter_id(key))
        for key, (source, subject, sequence, reason, resolution, _) in view.scan("dead_letters")
        if resolution is None
        and reason in ("gap", "parked")
        and (cursor := cursors.get((source, subject)))
        and cursor[2]
        and sequence <= cursor[1] + 1
    )


def _record_of_letter(view: View, _text: str, args: Sequence[Any]) -> Answer:
    key = key_of_letter(args[0])
    letter = view.get(key)
    return () if letter is None or (letter[4] is not None and not args[1]) else (_letter_row(key, letter),)


def _letter_row(key: Key, letter: Value) -> Row:
    _, topic, partition, offset = key
    record_key, value, headers = _CONTENTS[letter[5]]
    columns = {"topic": topic, "partition": partition, "record_offset": offset}
    return Row.of(**columns, key=record_key, value=value, headers=headers)


def _place_of_letter(view: View, _text: str, args: Sequence[Any]) -> Answer:
    letter = view.get(key_of_letter(args[0]))
    if letter is None or letter[4] is not None:
        return ()
    return (Row.of(source=letter[0], subject=letter[1], sequence=letter[2]),)


def _handled(view: View, text: str, args: Sequence[Any]) -> Answer:
    key = ("inbox", *args)
    if view.get(key) is None:
        return ()
    _lock_if_asked(view, text, key)
    return (Row.of(sequence=(view.get(key) or ())[1]),)


def _sequences_waiting(view: View, _text: str, args: Sequence[Any]) -> Answer:
    return tuple(
        Row.of(sequence=letter[2])
        for _, letter in view.scan("dead_letters")
        if letter[:2] == tuple(args) and letter[4] is None
    )


def _skip(view: View, _text: str, args: Sequence[Any]) -> Answer:
    source, subject, stays, sequence, parked = args
    epoch, handled, _ = view.get(key := ("inbox", source, subject)) or ()
    view.put(key, (epoch, handled if stays else max(handled, sequence), parked))
    return "UPDATE 1"


def _known_answers(view: View, _text: str, args: Sequence[Any]) -> Answer:
    return tuple(
        Row.of(principal=key[0], route=key[1], key=key[2], body_hash=found[0], response=found[1])
        for key in zip(*args, strict=True)
        if (found := view.get(("idempotency_keys", *key))) is not None
    )


def _store_answers(view: View, _text: str, args: Sequence[Any]) -> Answer:
    rows = [(("idempotency_keys", *row[:3]), tuple(row[3:])) for row in zip(*args[:5], strict=True)]
    return _insert(view, rows)


def _insert(view: View, rows: Sequence[tuple[Key, Value]]) -> Answer:
    inserted = 0
    for key, value in rows:
        if view.get(key) is None:  # of another's row that is not committed, only its lock can be seen: wait
            view.put(key, value)
            inserted += 1
    return f"INSERT 0 {inserted}"


def _lock_if_asked(view: View, text: str, key: Key) -> None:
    if "FOR UPDATE" in text:
        view.lock(key)


def letter_id(key: Key) -> str:
    """A letter's id: its place in the topic, which is as unique."""
    return "/".join(map(str, key[1:]))


def key_of_letter(id_: str) -> Key:
    """The row of a letter."""
    topic, partition, offset = id_.split("/")
    return ("dead_letters", topic, int(partition), int(offset))


def all_beginnings() -> list[str]:
    """How the statements that are known here begin."""
    return [beginning for beginning in _MEANINGS if beginning not in (BEGIN, COMMIT, ROLLBACK)]


def content_of(letter: Value) -> Value:
    """Key, value and headers of a dead letter's record."""
    return _CONTENTS[letter[5]]


_MEANINGS: dict[str, tuple[str, Callable[[View, str, Sequence[Any]], Answer]]] = {
    BEGIN: ("begins", _begin),
    COMMIT: ("commits", _commit),
    ROLLBACK: ("rolls back", _roll_back),
    "SELECT i.source, i.subject, i.epoch, i.sequence, i.parked": ("reads its inbox row", _lock_inbox),
    "SELECT d.source, d.subject, d.sequence, d.id::text FROM dead_letters": ("reads which letters wait", _waiting),
    "SELECT d.id::text FROM dead_letters d WHERE d.id = ANY": ("reads which letters wait", _unplaced),
    "UPDATE inbox i SET": ("moves its inbox row", _move_inbox),
    "INSERT INTO inbox ": ("adds an inbox row", _add_inbox),
    "SELECT id::text, version, state::text, traceparent FROM": ("reads the state, and decides", _states),
    "UPDATE tallies t SET version": ("writes the state", _move_states),
    "INSERT INTO tallies ": ("adds the state", _add_states),
    "INSERT INTO events ": ("adds to the history", _add_events),
    "INSERT INTO dead_letters ": ("puts letters aside", _add_letters),
    "UPDATE dead_letters d SET resolution = 'replayed'": ("resolves letters", _resolve_letters),
    "UPDATE dead_letters d SET attempts": ("notes that a replay failed", _fail_letters),
    "UPDATE dead_letters SET resolution = 'discarded'": ("discards the letter", _discard_letter),
    "SELECT d.id::text FROM inbox i JOIN dead_letters": ("looks for letters whose turn has come", _ready_letters),
    "SELECT topic, partition, record_offset, key, value, headers": ("takes the letter's record", _record_of_letter),
    "SELECT source, subject, sequence FROM dead_letters WHERE id": ("reads the letter", _place_of_letter),
    "SELECT sequence FROM inbox": ("reads its inbox row", _handled),
    "SELECT sequence FROM dead_letters": ("reads which letters wait", _sequences_waiting),
    "UPDATE inbox SET sequence = CASE": ("moves its inbox row past the letter", _skip),
    "SELECT i.principal, i.route, i.key": ("looks its keys up", _known_answers),
    "INSERT INTO idempotency_keys": ("stores the answers", _store_answers),
}

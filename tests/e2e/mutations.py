"""Real records, spoilt: each kind of damage by the dice of a seed."""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from aiokafka import ConsumerRecord

from tests.raw_producer import RawRecord

SPOILT = 0.5
"""The share of records that are spoilt; the others come as they were, in the history of another issue."""
_ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HUGE = 200_000

Mutation = Callable[[random.Random, RawRecord], RawRecord]


def raw(record: ConsumerRecord) -> RawRecord:
    """A record as it was read."""
    return RawRecord(record.key, record.value, [(name.encode(), value) for name, value in record.headers])


def lives(records: Sequence[ConsumerRecord]) -> list[list[RawRecord]]:
    """The records of each issue, in order."""
    found = defaultdict(list)
    for record in sorted(records, key=lambda record: (record.partition, record.offset)):
        found[record.key].append(raw(record))
    return list(found.values())


def mutated(dice: random.Random, originals: Sequence[Sequence[RawRecord]]) -> Iterator[tuple[bytes, RawRecord]]:
    """For ever: records of further issues that live like the originals, half of them spoilt, and whose they were."""
    while True:
        renamed: dict[bytes, bytes] = {}
        last: RawRecord | None = None
        for original in dice.choice(originals):
            record = _renamed(dice, original, renamed)
            issue = record.key or b""
            if dice.random() < SPOILT:
                record = dice.choice(MUTATIONS)(dice, record)
            elif last is not None and dice.random() < 0.1:
                yield issue, last  # published twice
            yield issue, record
            last = record


def _renamed(dice: random.Random, record: RawRecord, known: dict[bytes, bytes]) -> RawRecord:
    """The same with other ids throughout, the same for the same one."""

    def other(found: re.Match[bytes]) -> bytes:
        return known.setdefault(found.group(), b"%08x-%04x-7%03x-8%03x-%012x" % tuple(map(dice.getrandbits, _BITS)))

    def replaced(text: bytes | None) -> bytes | None:
        return None if text is None else _ID.sub(other, text)

    headers = [(name, replaced(value)) for name, value in record.headers]
    return RawRecord(replaced(record.key), replaced(record.value), headers)


_BITS = (32, 16, 12, 12, 48)


def _flipped(dice: random.Random, text: bytes | None) -> bytes:
    found = bytearray(text or b"\0")
    for _ in range(dice.randint(1, 4)):
        found[dice.randrange(len(found))] ^= 1 << dice.randrange(8)
    return bytes(found)


def _with_header(
    dice: random.Random, record: RawRecord, change: Callable[[bytes, bytes | None], list[tuple[bytes, bytes | None]]]
) -> RawRecord:
    chosen = dice.randrange(len(record.headers))
    headers = [
        one for place, header in enumerate(record.headers) for one in (change(*header) if place == chosen else [header])
    ]
    return replace(record, headers=headers)


def _with_value_of(record: RawRecord, name: bytes, value: bytes) -> RawRecord:
    return replace(record, headers=[(found, value if found == name else old) for found, old in record.headers])


def _noise(dice: random.Random) -> bytes:
    return dice.randbytes(dice.randint(1, 40))


MUTATIONS: list[Mutation] = [
    lambda dice, r: replace(r, value=_flipped(dice, r.value)),
    lambda dice, r: replace(r, value=(r.value or b"")[: dice.randrange(len(r.value or b"x"))]),
    lambda _, r: replace(r, value=None),
    lambda dice, r: replace(r, value=_noise(dice)),
    lambda dice, r: replace(r, value=b"[" * dice.randint(1, 5000) + (r.value or b"")),
    lambda _, r: replace(r, value=(r.value or b"")[:-1] + b', "more": "' + b"x" * _HUGE + b'"}'),
    lambda dice, r: replace(r, key=_flipped(dice, r.key)),
    lambda _, r: replace(r, key=None),
    lambda dice, r: _with_header(dice, r, lambda name, value: [(name, _flipped(dice, value))]),
    lambda dice, r: _with_header(dice, r, lambda name, value: [(_flipped(dice, name), value)]),
    lambda dice, r: _with_header(dice, r, lambda _, value: []),
    lambda dice, r: _with_header(dice, r, lambda name, value: [(name.upper(), value)]),
    lambda dice, r: _with_header(dice, r, lambda name, value: [(name, None)]),
    lambda dice, r: _with_header(dice, r, lambda name, value: [(name, b"\xff\xfe" + (value or b""))]),
    lambda dice, r: _with_header(dice, r, lambda name, value: [(name, value), (name, _noise(dice))]),
    lambda dice, r: _with_header(dice, r, lambda name, value: [(name, b"y" * 50_000)]),
    lambda dice, r: replace(r, headers=[*r.headers, (b"x-" + _noise(dice), _noise(dice))]),
    lambda dice, r: replace(r, headers=[]),
    lambda dice, r: replace(r, headers=dice.sample(list(r.headers), len(r.headers))),
    lambda dice, r: _with_value_of(r, b"ce_sequence", b"%d" % dice.choice([0, -1, 2, 3, 5, 2**63 - 1, 2**63])),
    lambda dice, r: _with_value_of(r, b"ce_epoch", b"%d" % dice.choice([0, 2, 2**63 - 1])),
    lambda _, r: _with_value_of(r, b"ce_type", (dict(r.headers)[b"ce_type"] or b"").replace(b".v1", b".v2")),
    lambda dice, r: RawRecord(_noise(dice), _noise(dice), [(_noise(dice), _noise(dice))]),
]

"""`python -m model`: explore the rules as they are, then without one of them at a time."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from model.commanding import Commanding
from model.consuming import Consuming
from model.explore import Explorer, Result, Scenario
from model.publishing import Publishing
from model.removals import REMOVALS
from model.swap import silence

LIMIT = 1_000_000
"""States; more would not fit into the minute that this may take."""
_IN_ORDER = ((1, 2, 3),)
_BROKEN_TOPICS = ((1, 1, 2, 3), (1, 2, 1, 2, 3), (2, 1, 2, 3), (1, 3, 2), (3, 2, 1))

RULES: dict[str, Callable[[], AbstractContextManager[Scenario[Any]]]] = {
    "commands: 2 processes, 2 callers, 2 faults": lambda: Commanding(callers=2, faults=2),
    "outbox: 2 relays, 3 events and 1 of another subject, 2 faults": lambda: Publishing(
        [("a", 1), ("b", 1), ("a", 2), ("a", 3)], faults=2
    ),
    "handover: 2 relays whose processes commit 2 events or not, 1 fault": lambda: Publishing(
        [("a", 1), ("a", 2)], faults=1, by_hand=2
    ),
    "handover: 2 relays, 2 events and 1 of another subject": lambda: Publishing(
        [("a", 1), ("b", 1), ("a", 2)], faults=0, by_hand=1
    ),
    "inbox: 2 consumers, 3 events, 2 faults": lambda: Consuming(_IN_ORDER, poison=None, faults=2),
    "poison: 2 consumers, 3 events, the second is refused, 1 fault": lambda: Consuming(_IN_ORDER, poison=2, faults=1),
    "poison that may be discarded: 2 consumers, 3 events": lambda: Consuming(
        _IN_ORDER, poison=2, faults=0, discards=True
    ),
    "poison replayed in one transaction with new records: 2 consumers, 3 events": lambda: Consuming(
        _IN_ORDER, poison=1, faults=0, mixes=True
    ),
    "repeated and disordered topics: 2 consumers, 3 events": lambda: Consuming(_BROKEN_TOPICS, poison=None, faults=0),
}


def main() -> int:
    """Ends with 1 if a rule does not hold, or if one can be removed and nothing is noticed."""
    good = True
    say("With every rule in place:")
    for name, scenario in RULES.items():
        with scenario() as system:
            result = Explorer(system, LIMIT).run()
        good &= result.broken is None
        say(f"  {name}: {_size(result)}, {'every promise holds' if result.broken is None else 'BROKEN'}")
        _tell(result)
    say("\nWithout one rule, the shortest way to a broken promise:")
    for removal in REMOVALS:
        with removal.applied() as system:
            result = Explorer(system, LIMIT).run()
        good &= result.broken is not None
        say(f"  without {removal.name} ({_size(result)}): {'' if result.broken else 'NOTHING IS NOTICED'}")
        _tell(result)
    say(f"\n{'Nothing wrong' if good else 'SOMETHING IS WRONG'}: {len(RULES)} systems, {len(REMOVALS)} rules removed")
    return 0 if good else 1


def _size(result: Result) -> str:
    return f"{result.states:,} states, {result.transitions:,} transitions, {result.seconds:.1f} s"


def _tell(result: Result) -> None:
    if result.broken:
        say(f"    broken: {result.broken.promise}")
        for number, step in enumerate(result.broken.trace, 1):
            say(f"    {number:3} {step}")


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with silence():
        sys.exit(main())

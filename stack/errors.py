"""What can go wrong outside our code when a local stack is started, and how whoever started it is told."""

import sys
from collections.abc import Callable


class StackError(Exception):
    """The stack cannot do what was asked; the message is one sentence that tells the reader what to do about it."""


def tell_errors(program: Callable[[], object]) -> None:
    """Run a command-line program; a `StackError` ends it with that one sentence on stderr and exit code 1."""
    try:
        program()
    except StackError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None

"""Shows on standard error what a start is waiting for: a bar in a terminal, one line elsewhere."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress


def say(line: str) -> None:
    """Print one line about what happens now."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


class Progress:
    """A bar of `total` steps under a title."""

    def __init__(self, title: str, total: int) -> None:
        console = Console(stderr=True)
        self._title, self._interactive = title, console.is_terminal
        self._bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[item]}"),
            console=console,
            disable=not self._interactive,
        )
        self._task = self._bar.add_task(title, total=total, item="")

    def __enter__(self) -> Self:
        if not self._interactive:
            say(f"{self._title} …")
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bar.stop()

    def advance(self, item: str) -> None:
        """One step done; `item` names it."""
        self._bar.update(self._task, advance=1, item=item)

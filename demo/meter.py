"""How far the demo is: a bar in a terminal, a line now and then elsewhere."""

from time import monotonic
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

LINES = 10


class Meter:
    """Counts ``total`` issues that come to their end, on ``console``."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._lines = 0
        self._started = monotonic()
        self._bar = Progress(
            TextColumn("诉求办理 issues"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=total, note="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bar.stop()

    def show(self, ended: int, unfinished: int) -> None:
        """``ended`` issues have come to their end; ``unfinished`` things of any kind are still under way."""
        note = f"{unfinished} under way"
        self._bar.update(self._task, completed=ended, note=note)
        if not self._console.is_terminal and ended * LINES >= (self._lines + 1) * self._total:
            self._lines = ended * LINES // self._total
            self._console.print(f"{monotonic() - self._started:5.0f} s: {ended} of {self._total} issues, {note}")

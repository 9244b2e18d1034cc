"""`python -m chaos`: break everything for a while, let it heal, and see whether every promise was kept."""

import asyncio
import json
import signal
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from chaos.play import play
from chaos.report import show
from stack import paths, supervisor
from stack.errors import tell_errors

REPORT = paths.ROOT / "build" / "reports" / "chaos.json"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def run(
    minutes: Annotated[float, typer.Option(envvar="CHAOS_MINUTES", min=0.1, help="How long faults go on.")] = 5,
    seed: Annotated[int, typer.Option(envvar="CHAOS_SEED", help="What the dice are made of.")] = 1,
    state: Annotated[Path, typer.Option(help="Folder for data and logs, begun anew.")] = paths.STATE / "chaos",
    report: Annotated[Path, typer.Option(help="Where the report goes.")] = REPORT,
) -> None:
    """Ends with 1 if anything was lost, done twice, different from what follows from the topics, or stuck."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    console = Console()
    with supervisor.only_one(state.resolve()), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcome, retries = runner.run(play(state.resolve() / "run", minutes, seed, console))
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(outcome.report(), indent=2) + "\n")
    show(console, outcome, retries)
    raise typer.Exit(1 if outcome.violations else 0)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    tell_errors(app)

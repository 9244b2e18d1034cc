"""`python -m bench`: ours beside the least that the same work costs, and beside what somebody would pick instead."""

import asyncio
import json
import tomllib
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from bench.play import FULL, QUICK, play
from bench.report import document, halved, show
from stack import paths, supervisor
from stack.errors import tell_errors

EXPECTED = Path(__file__).parent / "expected.toml"
REPORT = paths.ROOT / "build" / "reports" / "bench.json"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def run(
    quick: Annotated[bool, typer.Option(envvar="QUICK", help="Two minutes instead of half an hour.")] = False,
    state: Annotated[Path, typer.Option(help="Folder for data and logs, begun anew.")] = paths.STATE / "bench",
    report: Annotated[Path, typer.Option(help="Where the report goes.")] = REPORT,
) -> None:
    """Contenders take turns on one broker and one database server; rates are medians of the rounds.

    Ends with 1 if a ratio is less than half of what `bench/expected.toml` says.
    """
    console = Console()
    state = state.resolve()
    with supervisor.only_one(state), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        results = play(state / "run", QUICK if quick else FULL, console, runner)
    found = document(results)
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(found, indent=2) + "\n")
    show(console, results, found)
    slow = halved(found["ratios"], tomllib.loads(EXPECTED.read_text())["ratios"])
    for line in slow:
        console.print(line, highlight=False)
    raise typer.Exit(1 if slow else 0)


if __name__ == "__main__":
    tell_errors(app)

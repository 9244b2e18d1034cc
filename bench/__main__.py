"""`python -m bench`: ours beside the least that the same work costs, and beside what somebody would pick instead."""

import asyncio
import json
import tomllib
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from bench import capacity
from bench.play import FULL, QUICK, Part, play
from bench.report import demanded, document, halved, merged, show
from stack import paths, supervisor
from stack.errors import tell_errors

EXPECTED = Path(__file__).parent / "expected.toml"
REPORT = paths.ROOT / "build" / "reports" / "bench.json"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def run(
    context: typer.Context,
    only: Annotated[str, typer.Option(help=f"Parts, separated by commas: {', '.join(Part)}.")] = ",".join(Part),
    quick: Annotated[bool, typer.Option(envvar="QUICK", help="Three to four minutes instead of an hour.")] = False,
    keep: Annotated[bool, typer.Option(help="Take growth's databases as an earlier run has left them.")] = False,
    state: Annotated[Path, typer.Option(help="Folder for data and logs, begun anew.")] = paths.STATE / "bench",
    report: Annotated[Path, typer.Option(help="Where the report goes; what it has of other parts stays.")] = REPORT,
) -> None:
    """Contenders take turns on one broker and one database server; rates are medians of the rounds.

    Ends with 1 if a ratio is less than half of what `bench/expected.toml` says.
    """
    if context.invoked_subcommand is not None:
        return
    parts = _parts(only)
    console = Console()
    state = state.resolve()
    with supervisor.only_one(state), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        results = play(state, QUICK if quick else FULL, console, runner, parts, keep=keep)
    found = document(results)
    earlier = json.loads(report.read_text()) if report.exists() else {}
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(merged(earlier, found, parts, quick=quick), indent=2) + "\n")
    show(console, found)
    slow = halved(found["ratios"], demanded(tomllib.loads(EXPECTED.read_text())["ratios"], parts))
    for line in slow:
        console.print(line, highlight=False)
    raise typer.Exit(1 if slow else 0)


@app.command()
def costs(
    report: Annotated[Path, typer.Option(help="A report of `flow` and `growth`.")] = REPORT,
    file: Annotated[Path, typer.Option(help="Where unit costs are kept.")] = capacity.COSTS,
) -> None:
    """Keep what one issue costs, as a report has it; docs/capacity.md is then to be written anew."""
    file.write_text(json.dumps(capacity.costs_of(json.loads(report.read_text())), indent=2) + "\n")


@app.command(name="capacity")
def show_capacity() -> None:
    """What a city, a province and the nation need, as in docs/capacity.md."""
    typer.echo(capacity.tables(capacity.Costs.read()))


def _parts(only: str) -> set[Part]:
    try:
        return {Part(name.strip()) for name in only.split(",")}
    except ValueError as error:
        raise typer.BadParameter(f"{error}; there are {', '.join(Part)}", param_hint="--only") from None


if __name__ == "__main__":
    tell_errors(app)

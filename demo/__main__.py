"""`python -m demo`: start everything, take the appeals through it, show and write down what has become of them."""

import asyncio
import json
import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from demo import appeals, screen
from demo.findings import Findings
from demo.meter import Meter
from demo.play import play
from stack import paths, supervisor
from stack.errors import StackError, tell_errors
from stack.fleet import SERVICES
from stack.local import LocalStack, local_stack

LIMITS = Path(__file__).parent / "limits"
REPORT = paths.ROOT / "build" / "reports" / "demo.json"
WATCH_SECONDS = 1.0
Supervise = Callable[[], None]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def run(
    state: Annotated[Path, typer.Option(help="Folder for data, logs and addresses; its data is begun anew.")] = (
        paths.STATE / "demo"
    ),
    report: Annotated[Path, typer.Option(help="Where the report goes.")] = REPORT,
    first: Annotated[int | None, typer.Option(min=1, help="Only the first so many appeals.")] = None,
    stay: Annotated[bool | None, typer.Option(help="Stay up until Ctrl-C; by default in a terminal.")] = None,
) -> None:
    """Take 120 invented appeals through the services; ends with 1 if something is not where it should be."""
    started = time.monotonic()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    console = Console()
    with _fresh_stack(state.resolve()) as (stack, prefix, supervise):
        findings = _play(stack, prefix, console, appeals.load(first), supervise)
        seconds = time.monotonic() - started
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(json.dumps(findings.report(seconds), indent=2, ensure_ascii=False) + "\n")
        screen.show(console, findings, stack.endpoints(), seconds)
        console.print(f"报告 report: {report}", soft_wrap=True, highlight=False)
        if stay if stay is not None else sys.stdin.isatty() and sys.stdout.isatty():
            console.print("Ctrl-C ends it.")
            _stay_up(supervise)
    raise typer.Exit(1 if findings.wrong else 0)


@contextmanager
def _fresh_stack(state: Path) -> Generator[tuple[LocalStack, str, Supervise]]:
    """A stack without data: its topics' prefix, and what keeps its services and its list of addresses up."""
    endpoints = state / supervisor.ENDPOINTS
    prefix = f"demo{secrets.token_hex(4)}." if os.environ.get("STACK") == "external" else ""
    extra_env = {name: {"LIMITS_FILE": str(LIMITS / f"{name}.toml")} for name in SERVICES}
    with supervisor.only_one(state), ExitStack() as leaving:
        for folder in ("data", "logs"):
            shutil.rmtree(state / folder, ignore_errors=True)
        stack = leaving.enter_context(local_stack(state, topic_prefix=prefix, extra_env=extra_env))

        def supervise() -> None:
            if stack.supervise():
                stack.endpoints().write(endpoints)

        stack.endpoints().write(endpoints)
        leaving.callback(endpoints.unlink)
        yield stack, prefix, supervise


def _play(
    stack: LocalStack, prefix: str, console: Console, chosen: Sequence[appeals.Appeal], supervise: Supervise
) -> Findings:
    """Raises ``StackError`` when the stack is beyond help."""
    with Meter(console, len(chosen)) as meter, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            return runner.run(play(stack, prefix, chosen, meter.show, supervise))
        except ExceptionGroup as failures:
            for failure in failures.exceptions:
                if isinstance(failure, StackError):
                    raise failure from None
            raise


def _stay_up(supervise: Supervise) -> None:
    try:
        while True:
            time.sleep(WATCH_SECONDS)
            supervise()
    except KeyboardInterrupt:
        return


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    tell_errors(app)

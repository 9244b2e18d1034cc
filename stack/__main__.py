"""`python -m stack up|down|status|token|service|run`: the local stack from the command line."""

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Annotated

import psutil
import typer

from stack import keys, paths, supervisor
from stack.errors import StackError, tell_errors
from stack.fleet import SERVICES, Surroundings, service_environment
from stack.local import KEYS, local_stack
from stack.status import show_addresses, show_status
from stack.tokens import OAuthClient, Staff

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
State = Annotated[Path, typer.Option("--state", help="Folder for data, logs and addresses.")]


@app.command()
def run(state: State = paths.STATE) -> None:
    """Start everything and stay in the foreground; Ctrl-C stops it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    with supervisor.only_one(state), local_stack(state) as stack:
        file = state / supervisor.ENDPOINTS
        stack.endpoints().write(file)
        try:
            show_addresses(stack.endpoints())
            while True:
                if stack.supervise():
                    stack.endpoints().write(file)
                time.sleep(1)
        finally:
            file.unlink(missing_ok=True)


@app.command()
def up(state: State = paths.STATE) -> None:
    """Start everything in the background and print where it is."""
    show_addresses(supervisor.start_detached(state))


@app.command()
def down(state: State = paths.STATE) -> None:
    """Stop what `up` or `run` started; the data stays."""
    supervisor.stop(state)


@app.command()
def status(state: State = paths.STATE) -> None:
    """Show what runs, where, and whether it is ready; ends with 1 if something is not."""
    if not show_status(supervisor.endpoints(state)):
        raise typer.Exit(1)


@app.command()
def token(
    roles: Annotated[list[str], typer.Argument(help="agent, dispatcher, unit_handler, …")],
    sub: Annotated[str, typer.Option(help="Who it is for.")] = "developer",
    unit: Annotated[str | None, typer.Option(help="Unit id, for example S150105004.")] = None,
    state: State = paths.STATE,
) -> None:
    """Print an access token of the development issuer, for trying the APIs."""
    issuer = supervisor.endpoints(state).issuer
    client = OAuthClient(issuer, "stack", keys.read(state / KEYS).client_secret)
    typer.echo(client.fetch(Staff(sub, tuple(roles), unit)))


@app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def service(
    name: Annotated[str, typer.Argument(help="intake, router, …")],
    command: Annotated[list[str], typer.Argument(help="check, dead-letters list, …")],
    state: State = paths.STATE,
) -> None:
    """Run a command of a service as `python -m services.NAME COMMAND`, in the environment that it has in the stack."""
    if name not in SERVICES:
        raise StackError(f"No such service: {name}. There are {', '.join(SERVICES)}.")
    found, made = supervisor.endpoints(state), keys.read(state / KEYS)
    around = Surroundings(
        found.kafka,
        found.database_url,
        found.issuer,
        found.sms_gateway,
        made.client_secret,
        made.private_data_keys,
    )
    environment = os.environ | service_environment(name, around, found.services)
    raise typer.Exit(psutil.Popen([sys.executable, "-m", f"services.{name}", *command], env=environment).wait())


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    tell_errors(app)

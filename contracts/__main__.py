"""``python -m contracts generate`` and ``python -m contracts check``: for those who change the contracts."""

from typing import Annotated

import typer

from contracts import check as checks
from contracts.generate import generate

app = typer.Typer(help="The files that partners read: contracts/schemas and contracts/asyncapi.yaml.")


@app.command("generate")
def generate_files() -> None:
    """Write the JSON Schemas and asyncapi.yaml from the event models."""
    changed = generate()
    for path in changed:
        typer.echo(f"contracts/{path}")
    typer.echo(f"{len(changed)} files changed")


@app.command("check")
def check_files(
    against: Annotated[str | None, typer.Option(help="git revision that has landed; origin/main, else HEAD")] = None,
) -> None:
    """Fail if a generated file is not up to date, or if a schema breaks those who rely on the landed one."""
    stale = checks.drift()
    for path in stale:
        typer.echo(f"contracts/{path}: not up to date, run: python -m contracts generate", err=True)
    verdict = "contracts are up to date and compatible"
    try:
        broken = checks.compatibility(against=against)
    except checks.NoHistory as reason:
        broken = []
        verdict = f"contracts are up to date; compatibility was not checked, there is no {reason} to compare with"
    for fault in broken:
        typer.echo(f"contracts/schemas/{fault}; make it a new version", err=True)
    if stale or broken:
        raise typer.Exit(1)
    typer.echo(verdict)


if __name__ == "__main__":
    app()

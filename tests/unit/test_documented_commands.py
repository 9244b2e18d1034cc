"""Every service command that a document names is one: it exists, and takes the options that are written there."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from chassis.cli import command_line
from chassis.findings import WHAT_TO_DO
from services.intake.__main__ import SERVICE as INTAKE
from services.mediation.__main__ import SERVICE as MEDIATION
from services.notify.__main__ import SERVICE as NOTIFY
from services.router.__main__ import SERVICE as ROUTER

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMAND = re.compile(r"python -m (?:stack service |services\.)(\w+) (?!--help)([^`\n]+)")
LINES = {
    "intake": command_line(INTAKE),
    "router": command_line(ROUTER),
    "mediation": command_line(MEDIATION),
    "notify": command_line(NOTIFY),
}


def parse(service: str, text: str) -> None:
    """Raises if the command line of ``service`` does not take ``text``; runs nothing."""
    words = shlex.split(re.split(r" [|>](?: |$)", text)[0], comments=True)
    command: Any = typer.main.get_command(LINES[service])
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context(command.name, words)


def commands(document: Path) -> list[tuple[str, str]]:
    text = document.read_text("utf-8").replace("\\\n", " ")
    return COMMAND.findall(text)


@pytest.mark.parametrize(
    "document", [path for path in DOCUMENTS if commands(path)], ids=lambda path: str(path.relative_to(ROOT))
)
def test_commands_are_written_as_they_are_taken(document: Path) -> None:
    for service, text in commands(document):
        parse(service, text.strip())


def test_what_to_do_about_a_finding_names_runbooks_that_exist() -> None:
    named = {name for text in WHAT_TO_DO.values() for name in re.findall(r"[a-z]+(?:-[a-z]+)+", text)}
    assert {"clock-wrong", "restore-from-backup"} <= named
    assert [name for name in named - {"dead-letters"} if not (ROOT / f"docs/runbooks/{name}.md").exists()] == []


@pytest.mark.parametrize("wrong", ["invent", "check --invented", "epoch --accept /router", "dead-letters show"])
def test_a_wrong_command_is_found(wrong: str) -> None:
    with pytest.raises((KeyError, *typer.BadParameter.__bases__)):
        parse("router", wrong)

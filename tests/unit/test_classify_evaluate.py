"""Figures on appeals that nothing was trained on: bounds a little under what was seen (docs/classification.md)."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chassis.cli import command_line
from services.intake.__main__ import SERVICE

UNSEEN = Path(__file__).parent / "data" / "unseen_appeals.jsonl"
LINE = command_line(SERVICE)


@pytest.fixture(scope="module")
def figures() -> dict[str, float]:
    done = CliRunner().invoke(LINE, ["classify", "--evaluate", str(UNSEEN), "--json"])
    assert done.exit_code == 0, done.output
    read: dict[str, float] = json.loads(done.stdout)
    return read


def test_the_right_item_is_among_five(figures: dict[str, float]) -> None:
    assert figures["top1"] >= 0.79
    assert figures["top5"] >= 0.93


def test_what_a_machine_dispatches_goes_the_right_way(figures: dict[str, float]) -> None:
    assert figures["auto_precision"] >= 0.95
    assert figures["auto_coverage"] >= 0.4


def test_every_emergency_is_found(figures: dict[str, float]) -> None:
    assert figures["emergency_recall"] == 1


def test_the_same_incident_is_recognised(figures: dict[str, float]) -> None:
    assert figures["duplicate_precision"] >= 0.9
    assert figures["duplicate_recall"] >= 0.8


@pytest.mark.parametrize("content", ["{}", "no json", '{"id": "A1", "text": ""}'])
def test_a_bad_line_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(content, encoding="utf-8")
    done = CliRunner().invoke(LINE, ["classify", "--evaluate", str(file), "--json"])
    assert done.exit_code == 2
    assert "bad.jsonl:1" in done.stderr


def test_an_empty_file_has_nothing_to_count(tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_text("", encoding="utf-8")
    done = CliRunner().invoke(LINE, ["classify", "--evaluate", str(file), "--json"])
    assert json.loads(done.stdout)["top1"] is None

"""Schema revisions: one that has another's name hides it, and its tables and functions are never made."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REVISION = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)
FOLDERS = sorted(
    {file.parent for folder in ("chassis", "services") for file in (ROOT / folder).rglob("migrations/**/*.py")}
)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_no_two_revisions_have_the_same_name(folder: Path) -> None:
    names = Counter(name for file in folder.glob("*.py") for name in REVISION.findall(file.read_text("utf-8")))
    assert [name for name, times in names.items() if times > 1] == []


def test_there_are_revisions() -> None:
    found = [name for folder in FOLDERS for file in folder.glob("*.py") for name in REVISION.findall(file.read_text())]
    assert "router_0001" in found

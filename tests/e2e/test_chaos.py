"""Half a minute of chaos as `make chaos` runs it, with a stack of its own: nothing is lost, nothing is done twice."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

from chaos.faults import FAULTS

MINUTES = os.environ.get("CHAOS_MINUTES", "0.5")
SEED = os.environ.get("CHAOS_SEED", "20261122")
SECONDS = 60 * float(MINUTES) + 420  # the start, the last recovery and the healing, on a busy machine

pytestmark = pytest.mark.timeout(SECONDS + 60)


@pytest.fixture
def folder() -> Generator[Path]:
    """Not under pytest's own folder: another run closes that one to the database server's user."""
    with tempfile.TemporaryDirectory(prefix="qingcheng-") as directory:
        yield Path(directory)


def test_nothing_is_lost_and_nothing_is_done_twice(folder: Path) -> None:
    report = folder / "chaos.json"
    options = ["--minutes", MINUTES, "--seed", SEED, "--state", str(folder / "state"), "--report", str(report)]
    process = psutil.Popen(
        [sys.executable, "-m", "chaos", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said, _ = process.communicate(timeout=SECONDS)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)
    assert process.returncode == 0, said
    found = json.loads(report.read_text())
    assert {name: found[name] for name in ("lost", "duplicated_effects", "diverged", "stuck")} == {
        "lost": 0,
        "duplicated_effects": 0,
        "diverged": 0,
        "stuck": 0,
    }
    assert found["faults"]
    assert set(found["faults"]) <= set(FAULTS)
    assert found["commands"] > 50
    assert found["events"] > found["commands"]
    assert 0 < found["recovery_seconds"]["p50"] <= found["recovery_seconds"]["max"]

"""The demo as a newcomer runs it, on the first appeals, which go every route; and again with crashes in the middle."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from contracts.topics import TOPICS
from demo.appeals import load
from demo.facts import EVERY_ROUTE
from stack.endpoints import Endpoints
from stack.errors import StackError
from stack.fleet import SERVICES
from stack.net import PLAIN_HTTP, wait_until

FIRST = 30
START_SECONDS = 240.0  # of which it takes 15 on a machine of its own; others start at the same time
PLAY_SECONDS = 240.0
SEED = 20260302

pytestmark = pytest.mark.timeout(START_SECONDS + PLAY_SECONDS + 60)


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that runs as a process of its own, with its files in ``folder``."""

    process: psutil.Popen
    folder: Path

    @property
    def endpoints(self) -> Endpoints | None:
        """Where it can be reached, once everything has started."""
        assert self.process.poll() is None, self.said
        try:
            return Endpoints.read(self.folder / "state" / "endpoints.json")
        except StackError:
            return None

    @property
    def said(self) -> str:
        return (self.folder / "said").read_text()

    @property
    def report(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.folder / "demo.json").read_text())
        return document

    def messages_sent(self) -> int:
        """How many messages have gone out to citizens."""
        assert self.endpoints is not None
        answer = httpx.get(f"{self.endpoints.sms_gateway}/messages", verify=PLAIN_HTTP)
        return len(answer.raise_for_status().json())

    def wait_for_messages(self, more: int) -> None:
        """Wait until so many more messages have gone out."""
        enough = self.messages_sent() + more
        wait_until(lambda: self.messages_sent() >= enough, PLAY_SECONDS, "the next message")

    def kill(self, service: str) -> None:
        """End a service as a crash would, and wait until the demo has started another."""
        assert self.endpoints is not None
        killed = self.endpoints.pids[service]
        os.kill(killed, signal.SIGKILL)

        def restarted() -> bool:
            endpoints = self.endpoints
            return endpoints is not None and endpoints.pids.get(service, killed) != killed

        wait_until(restarted, START_SECONDS, service)

    def wait_for_start(self) -> Endpoints:
        wait_until(lambda: self.endpoints is not None, START_SECONDS, "the demo")
        started = self.endpoints
        assert started is not None
        return started


@contextmanager
def demo() -> Generator[Demo]:
    # Whoever starts us in the background may have had it ignored, which children inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="qingcheng-") as directory:  # pytest's own is closed to the server's user
        folder = Path(directory)
        options = ["--first", str(FIRST), "--state", str(folder / "state"), "--report", str(folder / "demo.json")]
        with (folder / "said").open("w") as said:
            process = psutil.Popen(
                [sys.executable, "-m", "demo", *options],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                text=True,
            )
        try:
            yield Demo(process, folder)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(60)


@pytest.fixture(scope="module", autouse=True)
def undisturbed() -> Generator[tuple[Demo, dict[str, int]]]:
    """A demo that goes on beside the others: most of its time it waits for its limits. With it, what it has started."""
    with demo() as running:
        yield running, running.wait_for_start().pids


def expected_states() -> dict[str, int]:
    return dict(Counter(appeal.end for appeal in load(FIRST)))


def test_killed_services_change_nothing() -> None:
    """Each service is killed once, at moments counted in messages that have gone out to citizens."""
    dice = {service: sha256(f"{SEED}/{service}".encode()).digest() for service in SERVICES}
    with demo() as running:
        running.wait_for_start()
        for victim in sorted(SERVICES, key=dice.__getitem__):
            running.wait_for_messages(2 + dice[victim][-1] % 7)
            running.kill(victim)
        code = running.process.wait(PLAY_SECONDS)
        assert (code, running.report["wrong"]) == (0, []), running.said
        assert running.report["final_states"] == expected_states()
        assert (running.report["dead_letters"], running.report["duplicates"]) == (0, 0)
        assert running.said.count("is started again") == len(SERVICES)


def test_ctrl_c_leaves_nothing_behind() -> None:
    with demo() as running:
        pids = running.wait_for_start().pids
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(60) != 0
        assert not [name for name, pid in pids.items() if psutil.pid_exists(pid)]
        assert not (running.folder / "demo.json").exists()


def test_every_appeal_ends_where_it_should(undisturbed: tuple[Demo, dict[str, int]]) -> None:
    running, pids = undisturbed
    code = running.process.wait(PLAY_SECONDS)
    report = running.report
    assert (code, report["wrong"]) == (0, []), running.said
    assert report["appeals"] == FIRST
    assert report["final_states"] == expected_states()
    assert set(report["routes"]) == set(EVERY_ROUTE)
    assert all(report["routes"].values())
    assert set(report["events_per_topic"]) == set(TOPICS)
    assert all(report["events_per_topic"].values())
    assert (report["dead_letters"], report["duplicates"]) == (0, 0)
    assert 0 < report["accept_to_dispatch_ms"]["p50"] <= report["accept_to_dispatch_ms"]["p99"]
    assert not [name for name, pid in pids.items() if psutil.pid_exists(pid)]

"""`up`, `status`, `token` and `down` as a developer types them, with the real services."""

import json
import os
import signal
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import httpx
import jwt
import pytest

from stack.children import is_gone, run_to_end
from stack.endpoints import Endpoints
from stack.fleet import SERVICES
from stack.net import wait_until


class Stack:
    """The commands on one folder."""

    def __init__(self, state: Path) -> None:
        self.state = state

    def run(self, command: str, *arguments: str) -> tuple[int, str]:
        return run_to_end([sys.executable, "-m", "stack", command, *arguments, "--state", str(self.state)])

    def endpoints(self) -> Endpoints:
        return Endpoints.read(self.state / "endpoints.json")


@pytest.fixture(scope="module")
def stack() -> Generator[Stack]:
    with tempfile.TemporaryDirectory(prefix="qingcheng-") as folder:
        stack = Stack(Path(folder))
        code, said = stack.run("up")
        assert code == 0, said
        pids = stack.endpoints().pids
        yield stack
        code, said = stack.run("down")
        assert code == 0, said
        assert not [name for name, pid in pids.items() if not is_gone(pid)]


pytestmark = pytest.mark.timeout(300)  # `up` starts ten processes


def test_everything_is_ready_and_documented(stack: Stack) -> None:
    code, said = stack.run("status")
    assert code == 0, said
    services = stack.endpoints().services
    assert services.keys() == set(SERVICES)
    for url in services.values():
        assert httpx.get(f"{url}/docs").status_code == 200


def test_a_second_one_is_refused(stack: Stack) -> None:
    code, said = stack.run("up")
    assert code == 1
    assert said.startswith("A stack already runs")


def test_a_token_opens_the_doors_it_names(stack: Stack) -> None:
    code, said = stack.run("token", "agent", "dispatcher", "--sub", "staff-1")
    assert code == 0, said
    claims = jwt.decode(said.strip(), options={"verify_signature": False})
    assert (claims["sub"], claims["roles"]) == ("staff-1", ["agent", "dispatcher"])


def test_a_services_command_runs_in_its_environment(stack: Stack) -> None:
    code, said = run_to_end(
        [sys.executable, "-m", "stack", "service", "--state", str(stack.state), "mediation", "check", "--json"]
    )
    assert code == 0, said
    assert json.loads(said)["ok"]
    assert stack.run("service", "nobody", "check")[0] == 1


def test_a_killed_service_comes_back_at_its_address(stack: Stack) -> None:
    before = stack.endpoints()
    os.kill(before.pids["mediation"], signal.SIGKILL)

    def is_back() -> bool:
        try:
            ready = httpx.get(f"{before.services['mediation']}/readyz").status_code == 200
        except httpx.TransportError:
            return False
        return ready and stack.endpoints().pids["mediation"] != before.pids["mediation"]

    wait_until(is_back, 60, "mediation")
    assert stack.run("status")[0] == 0

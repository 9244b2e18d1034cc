"""What a newcomer reads when something outside is missing: one sentence that says what to do, and exit code 1."""

import os
import sys
from pathlib import Path

import pytest

from stack.children import run_to_end

NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("environment", "advice"),
    [
        ({"STACK": "embedded", "STACK_JAVA": "/nowhere/java"}, "install a Java 17 or newer"),
        ({"STACK": "embedded", "STACK_MAVEN_REPOSITORY": NOWHERE}, "set STACK_MAVEN_REPOSITORY to a reachable mirror"),
        ({"STACK": "external", "KAFKA_BOOTSTRAP_SERVERS": ""}, "STACK=external needs KAFKA_BOOTSTRAP_SERVERS"),
        ({"STACK": "docker", "DOCKER_HOST": "tcp://127.0.0.1:9"}, "needs a running container engine"),
        ({"STACK": "podman"}, "set it to embedded, docker or external"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(tmp_path: Path, environment: dict[str, str], advice: str) -> None:
    # An empty cache, so that Kafka has to be downloaded.
    env = os.environ | {"STACK_CACHE": str(tmp_path / "cache")} | environment
    command = [sys.executable, "-m", "stack", "run", "--state", str(tmp_path / "state")]
    code, said = run_to_end(command, env)
    assert code == 1, said
    assert "Traceback" not in said
    assert advice in said.splitlines()[-1]


@pytest.mark.parametrize("command", ["down", "status"])
def test_without_a_stack_there_is_nothing_to_do(tmp_path: Path, command: str) -> None:
    code, said = run_to_end([sys.executable, "-m", "stack", command, "--state", str(tmp_path)])
    assert (code, said.startswith("No stack is running")) == (1, True)

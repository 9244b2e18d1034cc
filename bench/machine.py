"""What the figures were seen on."""

import os
import platform
from pathlib import Path
from time import perf_counter
from typing import Any

import psutil

_YARDSTICK_TURNS = 5


def particulars() -> dict[str, Any]:
    """Processors, memory and versions; a figure without them says nothing."""
    return {
        "processor": _model(),
        "processors": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "python_compiler": platform.python_compiler(),
        "yardstick_ms": round(yardstick() * 1e3, 1),
    }


def yardstick() -> float:
    """Seconds that a fixed piece of plain Python takes, the quickest of a few turns.

    Runs whose yardsticks differ were not made in the same hour, or not by the same build of Python: one without
    profile-guided optimization takes a quarter to a half longer, and its version number does not say so.
    """
    return min(_measured() for _ in range(_YARDSTICK_TURNS))


def _measured() -> float:
    begun = perf_counter()
    words: dict[str, list[int]] = {}
    for number in range(200_000):
        words.setdefault(f"{number % 997}", []).append(number * 3)
    sum(len(numbers) for word, numbers in sorted(words.items()) if word.startswith("1"))
    return perf_counter() - begun


def _model() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"

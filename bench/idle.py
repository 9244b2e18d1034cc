"""`idle`: what every process takes while nobody wants anything."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import psutil

from stack.fleet import SERVICES


@dataclass(frozen=True, slots=True)
class Usage:
    """``cpu_percent`` of one core, ``memory_mb`` resident."""

    cpu_percent: float
    memory_mb: float


async def measure(pids: Mapping[str, int], seconds: float) -> dict[str, Usage]:
    """By name, over ``seconds``."""
    processes = {name: psutil.Process(pid) for name, pid in pids.items()}
    before = {name: cpu_seconds([process]) for name, process in processes.items()}
    await asyncio.sleep(seconds)
    return {
        name: Usage(
            round((cpu_seconds([process]) - before[name]) / seconds * 100, 2),
            round(process.memory_info().rss / 2**20, 1),
        )
        for name, process in processes.items()
    }


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Processor time of processes and of those that they have started and that still run.

    One of the latter that ends while it is looked at is passed over: PostgreSQL starts and ends workers all the time.
    """
    total = 0.0
    for process in processes:
        total += _taken(process)
        for child in process.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                total += _taken(child)
    return total


def _taken(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def report(found: Mapping[str, Usage]) -> dict[str, Any]:
    """By process, and our services together."""
    ours = [usage for name, usage in found.items() if name in SERVICES]
    return {
        "processes": {name: asdict(usage) for name, usage in found.items()},
        "services_cpu_percent": round(sum(usage.cpu_percent for usage in ours), 2),
        "services_memory_mb_max": max(usage.memory_mb for usage in ours),
    }

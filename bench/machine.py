"""What the figures were seen on."""

import os
import platform
from pathlib import Path
from typing import Any

import psutil


def particulars() -> dict[str, Any]:
    """Processors, memory and versions; a figure without them says nothing."""
    return {
        "processor": _model(),
        "processors": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def _model() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"

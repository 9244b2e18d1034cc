"""Where the local stack keeps its files."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The project's root folder."""

STATE = ROOT / ".stack"
"""Data, logs and addresses of the stack that `make up` starts; ignored by git."""


def cache() -> Path:
    """Folder for downloads, shared by all checkouts of a user; `STACK_CACHE` moves it."""
    configured = os.environ.get("STACK_CACHE")
    if configured:
        return Path(configured)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "qingcheng"

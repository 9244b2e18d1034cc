"""The stack in the background: one per folder, started, found and stopped by a lock that its process holds."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psutil

from stack.children import STOP_SECONDS, is_gone
from stack.endpoints import Endpoints
from stack.errors import StackError
from stack.net import wait_until

ENDPOINTS = "endpoints.json"
START_SECONDS = 600
"""Long enough for the first download over a slow line."""


@contextmanager
def only_one(state: Path) -> Generator[None]:
    """Hold the folder for this process; raises `StackError` when another stack runs in it."""
    with _open_lock(state) as lock:
        if not _take(lock):
            raise StackError(f"A stack already runs in {state}: stop it with make down.")
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def start_detached(state: Path) -> Endpoints:
    """Start `python -m stack run` in the background, show what it says, and return its addresses when all is ready.

    Raises `StackError` when it ends instead, or when one runs already.
    """
    if running(state) is not None:
        raise StackError(f"A stack already runs in {state}: stop it with make down.")
    written, log = state / ENDPOINTS, state / "stack.log"
    written.unlink(missing_ok=True)
    with log.open("w+") as output:
        process = psutil.Popen(
            [sys.executable, "-m", "stack", "run", "--state", str(state)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,
        )

    def settled() -> bool:
        sys.stderr.write(said.read())
        return written.exists() or process.poll() is not None

    with log.open() as said:
        try:
            wait_until(settled, START_SECONDS, "The stack")
        except BaseException:  # Ctrl-C, too, must not leave half a stack behind
            process.terminate()
            raise
    if process.poll() is not None:
        raise StackError(f"The stack did not start; what it said is in {log}.")
    return Endpoints.read(written)


def stop(state: Path) -> None:
    """Ask the stack of this folder to stop and wait until it has; raises `StackError` when none runs."""
    pid = running(state)
    if pid is None:
        raise StackError("No stack is running.")
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: is_gone(pid), 3 * STOP_SECONDS, "The end of the stack")


def running(state: Path) -> int | None:
    """Process id of the stack that holds this folder, or None."""
    with _open_lock(state) as lock:
        return None if _take(lock) else int(lock.read())


def endpoints(state: Path) -> Endpoints:
    """Addresses of the stack that runs in this folder; raises `StackError` when none runs."""
    if running(state) is None:
        raise StackError("No stack is running: start one with make up.")
    return Endpoints.read(state / ENDPOINTS)


def _open_lock(state: Path) -> IO[str]:
    state.mkdir(parents=True, exist_ok=True)
    return (state / "lock").open("a+")


def _take(lock: IO[str]) -> bool:
    lock.seek(0)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""Ends the children of a process that died without ending them (`kill -9`, a crash, a closed terminal).

The owner holds the other end of standard input and writes `pid signal` for every child. When the owner is gone, however
it went, the pipe ends and whatever still lives gets its signal, and SIGKILL after `GRACE_SECONDS`. A pipe is used and
not Linux's parent-death signal because that one follows the thread that started a child, and is missing on macOS.
"""

import contextlib
import sys

import psutil

GRACE_SECONDS = 15


def main() -> None:
    """Read children until the owner is gone, then end those that still run, the last started first."""
    children: list[tuple[psutil.Process, int]] = []
    for line in sys.stdin:
        pid, stop_signal = line.split()
        with contextlib.suppress(psutil.NoSuchProcess):
            children.append((psutil.Process(int(pid)), int(stop_signal)))
    for child, stop_signal in reversed(children):
        with contextlib.suppress(psutil.NoSuchProcess):
            child.send_signal(stop_signal)
    _, alive = psutil.wait_procs([child for child, _ in children], timeout=GRACE_SECONDS)
    for child in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()


if __name__ == "__main__":
    main()

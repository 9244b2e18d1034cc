"""Child processes that never outlive the process that started them."""

import signal
import subprocess
import sys
import threading
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from stack.errors import StackError

STOP_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Child:
    """A running child: its process, the log it writes to and the signal that asks it to stop."""

    name: str
    process: psutil.Popen
    log: Path
    stop_signal: signal.Signals

    @property
    def pid(self) -> int:
        return int(self.process.pid)

    def check(self) -> None:
        """Raise `StackError` with the end of the log if the child has ended."""
        code = self.process.poll()
        if code is not None:
            tail = " / ".join(line.strip() for line in self.log.read_text(errors="replace").splitlines()[-3:])
            raise StackError(f"{self.name} ended with code {code}; its log {self.log} ends with: {tail}")


class Children:
    """Starts children in sessions of their own (Ctrl-C reaches only us, we stop them in order) and ends them all.

    A helper process (`stack.reaper`) ends them if this process dies without having done so.
    """

    def __init__(self) -> None:
        self._children: dict[str, Child] = {}
        self._lock = threading.Lock()
        self._reaper = subprocess.Popen(
            [sys.executable, "-m", "stack.reaper"], stdin=subprocess.PIPE, start_new_session=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of the children that run, by name."""
        return {name: child.pid for name, child in list(self._children.items()) if child.process.poll() is None}

    def check(self, but: Container[str] = ()) -> None:
        """Raise `StackError` if a child has ended that nobody stopped; `but` are names that may."""
        for name, child in list(self._children.items()):
            if name not in but:
                child.check()

    def spawn(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: str | None = None,
    ) -> Child:
        """Start `command` under `name`, its output appended to `log`; `user` only when we are root."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            process = psutil.Popen(
                list(command),
                env=None if env is None else dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        child = Child(name, process, log, stop_signal)
        with self._lock:
            self._children[name] = child
            if self._reaper.stdin is not None:
                self._reaper.stdin.write(f"{process.pid} {stop_signal:d}\n".encode())
                self._reaper.stdin.flush()
        return child

    def stop(self, name: str) -> None:
        """Ask the child to stop and wait for it; it is killed when it has not stopped after `STOP_SECONDS`."""
        child = self._children.pop(name, None)
        if child is None:
            return
        if child.process.poll() is None:
            child.process.send_signal(child.stop_signal)
        try:
            child.process.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            child.process.kill()
            child.process.wait()

    def kill(self, name: str) -> None:
        """End the child with SIGKILL, as a crash would."""
        child = self._children.pop(name)
        child.process.kill()
        child.process.wait()

    def close(self) -> None:
        """Stop every child, the last started first, and the helper."""
        for name in reversed(list(self._children)):
            self.stop(name)
        if self._reaper.stdin is not None:
            self._reaper.stdin.close()
        self._reaper.wait()


def is_gone(pid: int) -> bool:
    """Whether no process has this id any more; one that ended but that nobody has collected counts as gone."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def run_to_end(command: Sequence[str], env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a short command and return its exit code and everything it printed; raises `OSError` if it cannot start."""
    process = psutil.Popen(
        list(command),
        env=None if env is None else dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output, _ = process.communicate()
    return process.returncode, output

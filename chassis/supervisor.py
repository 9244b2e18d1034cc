"""Background tasks: if one dies, the process says so and readiness fails."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from chassis.health import CheckResult

log = structlog.get_logger()


class Supervisor:
    """Holds the tasks of a process by name. None of them ends by itself while the process serves."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._died: dict[str, str] = {}

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` until ``stop``."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._note)
        self._tasks[name] = task

    def _note(self, task: asyncio.Task[None]) -> None:
        name = task.get_name()
        if task.cancelled():
            if self._tasks.get(name) is not task:  # by ``stop``
                return
            error, reason = None, "cancelled"  # something that it waited for was, and the task with it
        else:
            error = task.exception()
            reason = type(error).__name__ if error else "returned"
        self._died[name] = reason
        log.critical("task.died", task=name, reason=reason, exc_info=error)

    async def stop(self, name: str, patience: float = 10.0) -> None:
        """Cancel one task and wait until it has put its things away."""
        task = self._tasks.pop(name, None)
        if task is None:
            return
        task.cancel()
        _, pending = await asyncio.wait([task], timeout=patience)
        if pending:
            log.error("task.did_not_stop", task=name)

    async def check(self) -> CheckResult:
        """Ready while no task has died."""
        return CheckResult(not self._died, {"running": len(self._tasks), "died": dict(self._died)})

"""What ours is measured beside: the least that the same work costs, and what somebody would write with a framework.

Each is a program of its own, started by its module's name with what it needs as arguments.
"""

import asyncio
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

from stack.children import Child, run_to_end
from stack.errors import StackError
from stack.local import Ground


@contextmanager
def running(ground: Ground, module: str, *arguments: str) -> Generator[Child]:
    """Run a contender for as long as the block lasts."""
    child = ground.children.spawn(module, _command(module, arguments), ground.logs / f"{module}.log", env=os.environ)
    try:
        yield child
    finally:
        ground.children.kill(module)


async def run(module: str, *arguments: str) -> None:
    """Run a contender that ends by itself; raises `StackError` if it fails."""
    code, output = await asyncio.to_thread(run_to_end, _command(module, arguments))
    if code:
        raise StackError(f"{module} ended with code {code}: {output}")


def _command(module: str, arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", f"bench.contenders.{module}", *arguments]

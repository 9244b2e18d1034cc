from collections.abc import Callable, Iterator
from typing import ParamSpec

from gevent import Greenlet

P = ParamSpec("P")

class Group:
    def spawn(self, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Greenlet: ...
    def join(self, timeout: float | None = None) -> bool: ...
    def __iter__(self) -> Iterator[Greenlet]: ...

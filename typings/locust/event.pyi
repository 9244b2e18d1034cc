from collections.abc import Callable

class EventHook:
    def add_listener(self, handler: Callable[..., object]) -> object: ...
    def fire(self, **kwargs: object) -> None: ...

class Events:
    init: EventHook
    request: EventHook
    quit: EventHook

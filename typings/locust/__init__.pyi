from collections.abc import Callable
from typing import TypeVar

from locust.env import Environment
from locust.event import Events

T = TypeVar("T", bound=Callable[..., object])

class User:
    fixed_count: int
    environment: Environment

def task(function: T) -> T: ...

events: Events

"""Takes a piece of the product out and puts another in its place, for a while."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog


@contextmanager
def swapped(owner: Any, name: str, piece: Any) -> Iterator[None]:
    """``owner.name`` is ``piece`` meanwhile."""
    original = vars(owner)[name]
    setattr(owner, name, piece)
    try:
        yield
    finally:
        setattr(owner, name, original)


@contextmanager
def silence() -> Iterator[None]:
    """The product logs every retry; here it does so a thousand times over."""
    config = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**config)

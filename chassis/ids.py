"""Identifiers: time-ordered for what is new, derived for what must come out the same twice."""

import uuid_utils

_NAMESPACE = uuid_utils.UUID("5f0d5b4e-6f0b-5c53-9a31-1c6f2a7d9e10")


def new_id() -> str:
    """A fresh UUIDv7: sorts by time, so that an index on it grows at its end."""
    return str(uuid_utils.uuid7())


def derived_id(*parts: str) -> str:
    """The UUIDv5 of ``parts``: the same parts give the same id, however often a step is repeated."""
    return str(uuid_utils.uuid5(_NAMESPACE, "\x1f".join(parts)))


def derived_beside(id_: str, *parts: str) -> str:
    """An id derived of another one and ``parts`` that sorts by time where that one does, if it is a UUIDv7."""
    return id_[:13] + derived_id(id_, *parts)[13:]

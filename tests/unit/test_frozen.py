"""`contracts.frozen`: a state with some other values is like one that was made with them."""

import dataclasses
from typing import Any

import pytest

from contracts.frozen import replace


@dataclasses.dataclass(frozen=True)
class State:
    """Something that rules decide about."""

    status: str = "new"
    count: int = 0
    names: tuple[str, ...] = ()


def test_it_is_what_the_standard_library_makes() -> None:
    state = State("open", 1, ("a",))
    changed = replace(state, count=2, names=("a", "b"))
    assert changed == dataclasses.replace(state, count=2, names=("a", "b")) == State("open", 2, ("a", "b"))
    assert hash(changed) == hash(State("open", 2, ("a", "b")))


def test_the_old_state_stays_as_it_was() -> None:
    state = State()
    replace(state, status="open")
    assert state == State()


def test_the_new_one_is_frozen_too() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        replace(State(), count=1).__setattr__("count", 2)


def test_a_field_that_there_is_not_is_refused_by_name() -> None:
    wrong: dict[str, Any] = {"stat": "open"}
    with pytest.raises(TypeError, match="State has no stat"):
        replace(State(), **wrong)

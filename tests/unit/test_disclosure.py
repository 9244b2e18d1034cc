"""Figures without people: small cells are hidden, and none can be worked out from what is shown."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mediation.disclosure import TOTAL, shown
from services.mediation.statistics import success_rate

K = 5


def column(counts: Mapping[str, int]) -> dict[str, int | None]:
    return {key: row["n"] for key, row in shown({key: {"n": n} for key, n in counts.items()}, K).items()}


TABLES = {
    "enough everywhere": ({"a": 5, "b": 9}, {"a": 5, "b": 9, TOTAL: 14}),
    "nothing is nobody": ({"a": 0, "b": 9}, {"a": 0, "b": 9, TOTAL: 9}),
    "one alone would be the total less the others": (
        {"a": 4, "b": 20, "c": 9},
        {"a": None, "b": 20, "c": None, TOTAL: 33},
    ),
    "two hide each other": ({"a": 4, "b": 1, "c": 9}, {"a": None, "b": None, "c": 9, TOTAL: 14}),
    "nothing to hide it with: the total": ({"a": 4, "b": 0}, {"a": None, "b": 0, TOTAL: None}),
    "two that are few together": ({"a": 1, "b": 1, "c": 9}, {"a": None, "b": None, "c": None, TOTAL: 11}),
    "a small total": ({"a": 1, "b": 2}, {"a": None, "b": None, TOTAL: None}),
    "no cases at all": ({}, {}),
}


@pytest.mark.parametrize(("counts", "expected"), TABLES.values(), ids=TABLES)
def test_what_is_shown(counts: dict[str, int], expected: dict[str, int | None]) -> None:
    if counts:
        assert column(counts) == expected
    else:
        assert shown({}, K) == {TOTAL: {}}


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 12), min_size=1))
def test_no_small_cell_is_shown_or_is_the_total_less_the_others(counts: dict[str, int]) -> None:
    found = column(counts)
    assert all(found[key] in (None, n) for key, n in counts.items())
    assert not any(n is not None and 0 < n < K for n in found.values())
    hidden = [n for key, n in counts.items() if found[key] is None]
    assert found[TOTAL] is None or not hidden or (len(hidden) > 1 and sum(hidden) >= K)


def test_columns_are_hidden_one_by_one() -> None:
    rows = {"a": {"cases": 9, "agreed": 2}, "b": {"cases": 8, "agreed": 7}}
    assert shown(rows, K)["a"] == {"cases": 9, "agreed": None}


@pytest.mark.parametrize(
    ("agreed", "no_agreement", "rate"), [(3, 1, 0.75), (0, 2, 0.0), (0, 0, None), (None, 2, None), (2, None, None)]
)
def test_a_rate_is_there_when_both_counts_are(agreed: int | None, no_agreement: int | None, rate: float | None) -> None:
    assert success_rate(agreed, no_agreement) == rate

"""What chaos thinks a state must be, out of the events that were published."""

import pytest

from chaos.folds import FOLDS


@pytest.mark.parametrize("kind", ["", "answer_"], ids=["of an order", "of a direct answer"])
def test_a_call_back_is_folded_whatever_it_is_about(kind: str) -> None:
    events = [(f"{kind}opened", {}), ("attempted", {"number": 1}), (f"{kind}recorded", {})]
    assert FOLDS["revisit"](events) == {"status": "recorded", "attempts": 1}

"""Results that say nothing, or what the unit said before."""

import pytest

from services.router.fingerprints import Fingerprints

PRINTS = Fingerprints(b"k" * 32, 8)


def test_the_same_words_have_the_same_fingerprint_whatever_stands_between_them() -> None:
    assert PRINTS.of("已修好路灯，现场核实。") == PRINTS.of(" 已修好路灯 现场核实 ")
    assert PRINTS.of("已修好 3 盏路灯") == PRINTS.of("已修好３盏路灯")
    assert PRINTS.of("已修好三盏路灯") != PRINTS.of("已修好四盏路灯")


def test_another_key_gives_another_fingerprint() -> None:
    assert PRINTS.of("已修好路灯") != Fingerprints(b"o" * 32, 8).of("已修好路灯")


@pytest.mark.parametrize(
    ("text", "doubts"),
    [("已办结。", ("empty_result",)), ("……！！！——（）", ("empty_result",)), ("已修好路灯并现场核实", ())],
)
def test_a_result_of_hardly_a_word_is_doubtful(text: str, doubts: tuple[str, ...]) -> None:
    assert PRINTS.doubts(text) == doubts

"""归类模型: the committed model is what the phrases give, knows every item, and says why."""

from collections import Counter
from pathlib import Path

import pytest

from services.intake.classify.command import carried_reference
from services.intake.classify.model import FILE, Model, Trained
from services.intake.classify.text import counted, ngrams
from services.intake.classify.train import BadPhrases, own_phrases, read_phrases, train


def test_the_committed_model_is_what_the_phrases_give() -> None:
    fresh = Trained.from_bytes(train(own_phrases()).to_bytes())
    assert fresh == Trained.from_bytes(FILE.read_bytes()), "run make train"


def test_the_order_of_phrases_does_not_matter() -> None:
    phrases = own_phrases()[:300]
    assert train(phrases).to_bytes() == train(reversed(phrases)).to_bytes()


def test_every_item_of_the_catalogue_and_every_clause_but_the_transfer_has_phrases() -> None:
    reference = carried_reference()
    phrases = Counter(code for code, _ in own_phrases())
    assert {code: phrases[code] for code in reference.items if phrases[code] < 30} == {}
    transfer = "X0802"  # an emergency: never a decline
    assert set(phrases) == reference.items.keys() | reference.exclusions.keys() - {transfer}


def test_the_catalogues_own_keywords_are_mostly_understood() -> None:
    model, reference = Model.load(), carried_reference()
    items = reference.items.values()
    right = [item.code in [g.code for g in model.guesses("，".join(item.keywords))[:5]] for item in items]
    assert sum(right) / len(right) > 0.97


def test_a_guess_comes_with_pieces_of_the_text() -> None:
    text = "暖气片摸着冰凉，屋里十四度"
    first = Model.load().guesses(text)[0]
    assert first.code == "0101"
    assert first.words
    assert all(word in counted(text) for word in first.words)


def test_probabilities_sum_to_one_also_for_a_text_without_a_known_word() -> None:
    for text in ("路灯不亮", "zzz", "", "！？"):
        assert sum(guess.probability for guess in Model.load().guesses(text)) == pytest.approx(1)


def test_nothing_is_counted_across_a_mark() -> None:
    assert "灯，坏" not in ngrams("路灯，坏了", 3)
    assert {"路灯", "坏了"} <= ngrams("路灯，坏了", 2)


def test_corrections_change_what_a_text_is_taken_for(tmp_path: Path) -> None:
    phrase = "青城小屋的灯箱"
    file = tmp_path / "corrections.tsv"
    file.write_text(f"0605\t{phrase}\n" * 3, encoding="utf-8")
    learnt = Model(Trained.from_bytes(train(own_phrases() + read_phrases(file)).to_bytes()))
    before = {guess.code: guess.probability for guess in Model.load().guesses(phrase)}
    after = {guess.code: guess.probability for guess in learnt.guesses(phrase)}
    assert after["0605"] > 2 * before["0605"]


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "bad.tsv"
    file.write_text("0101\t冷\n没有制表符\n", encoding="utf-8")
    with pytest.raises(BadPhrases, match=r"bad\.tsv:2"):
        read_phrases(file)

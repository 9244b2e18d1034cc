"""知识库检索: what callers say finds the entry, though they use other words."""

import json
from pathlib import Path

import pytest

from services.intake import reference_tables
from services.intake.knowledge_search import search
from services.intake.reference_data import Knowledge

ENTRIES = [
    Knowledge(**json.loads(line))
    for line in (Path(reference_tables.__file__).parent / "reference" / "knowledge.jsonl").read_text().splitlines()
]
ASKED = [
    ("我的失业金要去哪里领呀", "K022"),
    ("户口本找不着了，丢了要补一个", "K011"),
    ("老人医保缴费不会用手机", "K027"),
    ("在外地住院要先备案吗", "K029"),
    ("我想申请法律援助，没钱请律师", "K024"),
    ("爸妈的房子想过户给孩子要什么材料", "K031"),
    ("冬天房子空着想把暖气停了", "K034"),
    ("公积金贷款能和家里人一起吗", "K033"),
    ("残疾证去哪里办呢", "K037"),
    ("孩子要转学学籍怎么弄", "K005"),
    ("开一家小餐馆都要办什么证", "K019"),
    ("个体户不干了想注销", "K018"),
]


@pytest.mark.parametrize(("asked", "entry"), ASKED)
def test_what_callers_say_finds_the_entry_among_the_first_three(asked: str, entry: str) -> None:
    assert entry in [found.id for found in search(ENTRIES, asked)[:3]]


def test_words_that_are_all_there_find_exactly_these() -> None:
    found = search(ENTRIES, "居住证 派出所")
    assert found
    assert all("居住证" in entry.question_zh + entry.answer_zh for entry in found)


@pytest.mark.parametrize("asked", ["楼下的烧烤摊半夜还在吵", "qwerty", "!!"])
def test_what_it_knows_nothing_about_finds_nothing(asked: str) -> None:
    assert search(ENTRIES, asked) == []


def test_nothing_asked_is_everything() -> None:
    assert search(ENTRIES, "") == ENTRIES

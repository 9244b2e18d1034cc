"""诉求类型: a question that only wants an answer goes to a person; a complaint that ends in one does not."""

import pytest

from contracts.codes import IssueKind
from services.intake.classify.kinds import KindRule, load


@pytest.fixture(scope="module")
def rule() -> KindRule:
    return load()


@pytest.mark.parametrize(
    "text",
    [
        "请问居住证在哪里办？",
        "老人过了八十，补贴是自动发还是得去申请",
        "我想把户口迁回来，要带甚手续",
        "灵活就业的能不能取公积金",
        "公租房够不够条件怎么算",
        "异地住院能给报不？",
    ],
)
def test_a_question_wants_an_answer(rule: KindRule, text: str) -> None:
    manner = rule.manner(text)
    assert manner.asks_only
    assert manner.kind(IssueKind.COMPLAINT) is IssueKind.CONSULTATION


@pytest.mark.parametrize(
    ("text", "usual", "kind"),
    [
        ("暖气又不热了，打了三回电话没人管", IssueKind.COMPLAINT, IssueKind.COMPLAINT),
        ("路灯坏了半个月，能不能赶紧派人来修修", IssueKind.HELP_REQUEST, IssueKind.HELP_REQUEST),
        ("建议在小区门口加装一个公交站牌", IssueKind.COMPLAINT, IssueKind.SUGGESTION),
        ("我举报有人往河里倒油漆桶", IssueKind.COMPLAINT, IssueKind.REPORT),
        ("窗口拖着不给办落户，跑了五趟", IssueKind.CONSULTATION, IssueKind.HELP_REQUEST),
    ],
)
def test_other_manners_have_their_kinds(rule: KindRule, text: str, usual: IssueKind, kind: IssueKind) -> None:
    assert rule.manner(text).kind(usual) is kind


def test_any_question_about_a_matter_of_consultation_is_left_to_a_person(rule: KindRule) -> None:
    manner = rule.manner("让人骗了想打官司，请不起律师，公家能给派不")
    assert manner.wants_answer(IssueKind.CONSULTATION)

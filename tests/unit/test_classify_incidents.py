"""同一事件: place and matter together, within the hours for others and later for the same person."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.intake.classify.incidents import Heard, Rule, candidates
from services.intake.classify.model import Model
from services.intake.classify.place import Point

MODEL = Model.load()
RULE = Rule(incident_hours=48, threshold=0.6)
START = datetime(2026, 1, 5, 8, tzinfo=UTC)


def heard(
    id_: str,
    text: str,
    place: str = "某小区5号楼",
    hours: float = 0,
    who: str | None = None,
    street: str | None = "150104004",
    point: Point | None = None,
) -> Heard:
    at = START + timedelta(hours=hours)
    return Heard(id_, at, who or id_, text, place, street, point, MODEL.topics(text), MODEL.wording(text))


FIRST = heard("a", "楼道里下水道往外冒黑水，一楼进不去人")
SECOND = heard("b", "我们单元门口污水井溢出来，流得满院都是", "某小区5号楼2单元", hours=6)


def found(new: Heard, *earlier: Heard) -> list[str]:
    return [candidate.id for candidate in candidates(new, earlier, RULE)]


def test_one_matter_at_one_place_is_proposed_with_reasons() -> None:
    (candidate,) = candidates(SECOND, [FIRST], RULE)
    assert candidate.id == "a"
    assert any("同一街道" in reason for reason in candidate.reasons)
    assert any("相隔 6 小时" in reason for reason in candidate.reasons)


def test_another_street_is_another_incident() -> None:
    assert found(replace(SECOND, street_code="150105001"), FIRST) == []


def test_another_matter_at_the_same_place_is_another_incident() -> None:
    assert found(heard("c", "物业费涨价没有公示，账目也不让看", hours=6), FIRST) == []


def test_others_count_within_the_hours_and_the_same_person_also_later() -> None:
    late = replace(SECOND, received_at=START + timedelta(hours=49))
    assert found(late, FIRST) == []
    again = heard("d", "还是下水道的事，又冒黑水了", hours=500, who="a")
    assert found(again, FIRST) == ["a"]


def test_the_same_person_with_another_matter_is_not_the_same_incident() -> None:
    assert found(heard("e", "高龄津贴这个月没到账", place="", hours=500, who="a", street=None), FIRST) == []


@pytest.mark.parametrize(("north", "expected"), [(0.0005, ["a"]), (0.03, [])])
def test_points_close_together_speak_for_it_and_far_apart_against(north: float, expected: list[str]) -> None:
    first = replace(FIRST, street_code=None, place="", point=(40.80, 111.70))
    second = replace(SECOND, street_code=None, place="", point=(40.80 + north, 111.70))
    assert found(second, first) == expected


def test_the_likeliest_comes_first() -> None:
    other = heard("f", "化粪池满了，味道很大", "某市场", hours=1)
    assert found(SECOND, other, FIRST)[0] == "a"

"""地点: what is named is known; a road, a neighbour or a point alone is at most a suggestion."""

import pytest

from services.intake.classify.command import carried_reference
from services.intake.classify.place import Certainty, Gazetteer, distance


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer(carried_reference().streets.values())


def test_a_street_that_was_given_stays(gazetteer: Gazetteer) -> None:
    found = gazetteer.find("150105004", "新城区东风路街道", "")
    assert (found.street_code, found.certainty, found.known) == ("150105004", Certainty.GIVEN, True)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("新城区东风路街道某小区3单元", "150102006"),
        ("清水河县城关镇某巷", "150124100"),
        ("土左旗察素齐镇", "150121100"),
        ("可镇某院", "150125100"),
    ],
)
def test_a_named_street_or_town_is_known(gazetteer: Gazetteer, place: str, code: str) -> None:
    found = gazetteer.find(None, place)
    assert (found.street_code, found.certainty) == (code, Certainty.NAMED)


def test_a_roads_name_is_a_suggestion_only(gazetteer: Gazetteer) -> None:
    found = gazetteer.find(None, "赛罕区大学东路某院")
    assert (found.street_code, found.certainty, found.known) == ("150105004", Certainty.LIKELY, False)


def test_a_name_that_two_counties_have_is_unknown_without_the_county(gazetteer: Gazetteer) -> None:
    assert gazetteer.find(None, "城关镇某巷").certainty is Certainty.UNKNOWN


def test_a_point_alone_is_unknown_and_beside_an_accepted_issue_a_suggestion(gazetteer: Gazetteer) -> None:
    point = (40.8285, 111.7015)
    assert gazetteer.find(None, None, "", point).certainty is Certainty.UNKNOWN
    near = gazetteer.find(None, None, "", point, [((40.8290, 111.7015), "150102006")])
    assert (near.street_code, near.known) == ("150102006", False)
    far = gazetteer.find(None, None, "", point, [((40.8385, 111.7015), "150102006")])
    assert far.certainty is Certainty.UNKNOWN


def test_a_street_in_the_callers_words_counts_when_no_place_was_noted(gazetteer: Gazetteer) -> None:
    assert gazetteer.find(None, None, "我们巴彦街道这边停水了").street_code == "150105007"


def test_distance_is_in_metres() -> None:
    assert distance((40.8, 111.7), (40.809, 111.7)) == pytest.approx(1000, rel=0.01)
    assert distance((40.8, 111.7), (40.8, 111.7119)) == pytest.approx(1000, rel=0.01)

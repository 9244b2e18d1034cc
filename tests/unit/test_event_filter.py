"""What a subscription is told of."""

import pytest

from contracts.topics import TOPICS
from services.notify.event_filter import WITHHELD, matches, topics_of, unknown

DISPATCHED = "qingcheng.router.order.dispatched.v1"


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ([DISPATCHED], True),
        (["qingcheng.router.order.*"], True),
        (["qingcheng.router.*"], True),
        (["*"], True),
        (["qingcheng.intake.*", "qingcheng.router.order.d*"], True),
        (["qingcheng.router.order.dispatched"], False),
        (["qingcheng.router.whistle.*"], False),
        (["qingcheng.router.order.dispatched.v1.*"], False),
        ([], False),
    ],
)
def test_a_type_or_the_beginning_of_one(filters: list[str], wanted: bool) -> None:
    assert matches(filters, DISPATCHED) is wanted


def test_only_topics_that_can_match_are_read() -> None:
    assert [topic.name for topic in topics_of(["qingcheng.router.order.*"])] == ["router.orders"]
    assert {topic.name for topic in topics_of(["*"])} == set(TOPICS) - WITHHELD


def test_what_no_partner_may_have_is_as_good_as_unknown() -> None:
    filters = ["qingcheng.intake.caller.*", "qingcheng.notify.subscription.created.v1", "qingcheng.router.ordre.*", "*"]
    assert unknown(filters) == filters[:3]

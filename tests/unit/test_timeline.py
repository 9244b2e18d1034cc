"""Every event of every service has a Chinese title."""

import re
from typing import Any

import pytest

from contracts.event import Event
from contracts.topics import EVENT_TYPES
from services.intake.timeline import TITLES, title


def test_there_is_a_title_for_every_event_and_none_besides() -> None:
    assert {f"qingcheng.{name}.v1" for name in TITLES} == set(EVENT_TYPES)


@pytest.mark.parametrize("event", EVENT_TYPES.values(), ids=EVENT_TYPES)
def test_what_a_title_names_is_a_field_of_its_event(event: type[Event]) -> None:
    named = re.findall(r"{(\w+)}", TITLES[event.type.removeprefix("qingcheng.").rpartition(".")[0]])
    assert set(named) <= set(event.model_fields)


@pytest.mark.parametrize(
    ("type_", "data", "expected"),
    [
        ("qingcheng.router.order.signed.v1", {"unit": "S150105004", "automatic": True}, "超时自动签收"),
        ("qingcheng.router.order.signed.v1", {"unit": "S150105004", "automatic": False}, "签收"),
        ("qingcheng.router.order.contacted.v1", {"visit": True}, "上门见诉求人"),
        ("qingcheng.router.order.supervised.v1", {"level": "yellow", "unit": None}, "黄牌督办"),
        ("qingcheng.intake.issue.followed_up.v1", {"follow_up": "reminder"}, "催办"),
        ("qingcheng.intake.issue.transferred.v1", {"agency": "119"}, "转接119"),
        ("qingcheng.router.order.referred.v1", {"to": None}, "转调解"),
        ("qingcheng.router.order.referred.v1", {}, "转调解"),
        ("qingcheng.router.order.referred.v1", {"to": "petition_proxy"}, "转信访代办"),
        ("qingcheng.router.order.moved_on.v2", {"unit": "{x}"}, "qingcheng.router.order.moved_on.v2"),
    ],
)
def test_a_title_says_what_matters(type_: str, data: dict[str, Any], expected: str) -> None:
    assert title(type_, data) == expected

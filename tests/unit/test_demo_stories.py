"""The demo tells of one issue each what a count says too little about."""

import io

from rich.console import Console

from contracts import mediation, router
from contracts.event import Event
from demo.screen import stories_told
from demo.stories import KINDS, Kind, Story, chosen, told

CONFIRMED = KINDS[0]
FAILED = KINDS[1]


def test_a_story_of_confirmation_is_one_of_performance_too() -> None:
    happened: dict[str, set[type[Event]]] = {
        "1": {mediation.CaseConfirmed},
        "2": {mediation.CasePerformed},
        "3": {mediation.CaseConfirmed, mediation.CasePerformed, router.OrderClosed},
        "4": {mediation.CaseConfirmed, mediation.CasePerformed},
    }
    assert chosen(CONFIRMED, ["1", "2", "3", "4"], happened) == "3"
    assert chosen(CONFIRMED, ["0", "1", "2"], happened) is None


def test_the_better_way_goes_before_the_earlier_issue() -> None:
    happened: dict[str, set[type[Event]]] = {"1": {mediation.CaseTerminated}, "2": {mediation.CaseFailed}}
    assert chosen(FAILED, ["1", "2"], happened) == "2"
    assert chosen(FAILED, ["1"], happened) == "1"


def test_told_are_the_steps_of_its_aggregates_each_repetition_once() -> None:
    kind = Kind("重办", (), {"order", "revisit"})
    steps = (("order", "派单"), ("order", "签收"), ("delivery", "消息已送达"), ("order", "签收"), ("revisit", "完成"))
    timeline = [{"subject": f"{aggregate}/1", "title_zh": title} for aggregate, title in steps]
    story = told(kind, "1", timeline)
    assert (story.title, story.issue, story.steps) == ("重办", "1", ["派单", "签收", "完成"])


def test_no_step_is_cut_off_on_a_narrow_screen() -> None:
    out = io.StringIO()
    Console(file=out, width=60).print(stories_told([Story("信访代办", "1", ["转送有权处理机关受理办理" * 3] * 4)]))
    assert "…" not in out.getvalue()
    assert out.getvalue().count("办") >= 4 * 3

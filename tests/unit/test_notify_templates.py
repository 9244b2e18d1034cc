"""The texts that citizens receive."""

import inspect
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chassis.limits import load_limits
from services.notify import aggregates, delivery_aggregates, templates
from services.notify.case_messages import TOLD as PARTIES_TOLD
from services.notify.case_messages import case_messages
from services.notify.partner_messages import TOLD as PARTNERS_TOLD
from services.notify.partner_messages import partner_messages
from services.notify.petition_messages import TOLD as PETITIONERS_TOLD
from services.notify.petition_messages import petition_messages
from services.notify.reactions import TOLD, reactions
from services.notify.templates import Templates, UnknownTemplate

ZONE = ZoneInfo("Asia/Shanghai")
ISSUE = "0190abcd-0000-7000-8000-000000000001"
TEXTS = Templates.load(Path(templates.__file__).parent / "templates.toml", ZONE)


def render(name: str, promised_at: datetime | None = None) -> str:
    return TEXTS.render(name, TEXTS.version(name), issue_id=ISSUE, promised_at=promised_at)


@pytest.mark.parametrize("name", ["issue_accepted", "order_dispatched", "promise_moved", "order_completed"])
def test_every_text_names_the_issue_and_leaves_nothing_open(name: str) -> None:
    text = render(name, datetime(2026, 3, 9, 10, 0, tzinfo=UTC))
    assert "0190abcd" in text
    assert "{" not in text


def test_the_promised_time_is_the_citys() -> None:
    assert "2026年03月10日 02:30" in render("order_dispatched", datetime(2026, 3, 9, 18, 30, tzinfo=UTC))


def test_an_unknown_text_or_version_is_said_so() -> None:
    with pytest.raises(UnknownTemplate):
        TEXTS.version("order_lost")
    with pytest.raises(UnknownTemplate):
        TEXTS.render("issue_accepted", "0", issue_id=ISSUE, promised_at=None)


def test_a_text_that_somebody_is_told_and_that_there_is_not_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "templates.toml"
    file.write_text('[order_completed]\ncurrent = "1"\n[order_completed.versions]\n1 = "x"')
    limits = load_limits(Path(templates.__file__).parent / "limits.toml")
    with pytest.raises(ValueError, match=r"no text for .*issue_accepted"):
        reactions(aggregates.revisits(limits), delivery_aggregates.deliveries(limits), Templates.load(file, ZONE), 1.0)


def test_every_text_that_is_told_is_required_at_the_start() -> None:
    for telling, required in (
        (reactions, TOLD),
        (petition_messages, PETITIONERS_TOLD),
        (case_messages, PARTIES_TOLD),
        (partner_messages, PARTNERS_TOLD),
    ):
        told = set(re.findall(r'"([a-z]+_[a-z_]+)"', inspect.getsource(telling)))
        assert told <= set(required)


def test_a_text_says_what_is_filled_in() -> None:
    assert TEXTS.variables("order_dispatched", "1") == ["number", "promised"]
    with pytest.raises(UnknownTemplate):
        TEXTS.variables("order_dispatched", "0")


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ('[a]\ncurrent = "2"\n[a.versions]\n1 = "x"', "a: there is no version 2"),
        ('[a]\ncurrent = "1"\n[a.versions]\n1 = "{phone}"', "a version 1: unknown phone"),
        ('[a]\ncurrent = "1"', "versions"),
        ("[a", "Expected"),
    ],
    ids=["missing version", "unknown placeholder", "no versions", "no TOML"],
)
def test_a_file_that_cannot_be_meant_is_refused(tmp_path: Path, document: str, complaint: str) -> None:
    file = tmp_path / "templates.toml"
    file.write_text(document)
    with pytest.raises(ValueError, match=complaint):
        Templates.load(file, ZONE)

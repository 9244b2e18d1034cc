"""Templates of replies: office data only, and never a whole reply that could be copied."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.router import reply_templates
from services.router.reply_templates import OfficeData, ReplyTemplates

ZONE = ZoneInfo("Asia/Shanghai")
OWN = Path(reply_templates.__file__).with_suffix(".toml")
DATA = OfficeData(
    unit="海拉尔东路街道办事处",
    item="物业收费争议",
    street="海拉尔东路街道",
    order_id="01900000-0000-7000-8000-000000000001",
    promised_at=datetime(2026, 3, 9, 10, 0, tzinfo=UTC),
    now=datetime(2026, 3, 5, 20, 0, tzinfo=UTC),
)


def written(tmp_path: Path, text: str, current: str = "1") -> Path:
    path = tmp_path / "reply_templates.toml"
    path.write_text(
        f'[one]\npurpose = "result"\ntitle = "一"\ncurrent = "{current}"\n[one.versions]\n1 = "{text}"\n', "utf-8"
    )
    return path


def test_our_own_texts_are_filled_by_office_data_and_keep_their_gaps() -> None:
    templates = ReplyTemplates.load(OWN, ZONE)
    assert {template.purpose for template in templates.entries.values()} == set(reply_templates.Purpose)
    for template in templates.entries.values():
        text = templates.fill(template, DATA)
        assert "{" not in text
        assert DATA.unit in text
        assert reply_templates.GAP.findall(text) == template.gaps != []


def test_a_gap_that_nobody_has_filled_is_found() -> None:
    templates = ReplyTemplates.load(OWN, ZONE)
    template = templates.entries["handled"]
    text = templates.fill(template, DATA)
    assert templates.unfilled(text) == template.gaps[0]
    for gap in template.gaps:
        text = text.replace(gap, "已清运垃圾三车")
    assert templates.unfilled(text) is None
    assert templates.unfilled("【青城12345】已办结。") is None, "brackets of one's own are no gaps"


def test_times_are_the_citys() -> None:
    templates = ReplyTemplates.load(OWN, ZONE)
    assert "2026年03月06日" in templates.fill(templates.entries["handled"], DATA)
    assert "2026年03月09日 18:00" in templates.fill(templates.entries["more_time"], DATA)


@pytest.mark.parametrize(
    ("text", "current", "fault"),
    [
        ("{unit}已处理{caller}的【问题】", "1", "unknown caller"),
        ("{0}【问题】", "1", "unknown 0"),
        ("{unit.__class__}【问题】", "1", "unknown unit.__class__"),
        ("{}【问题】", "1", "unknown"),
        ("{unit【问题】", "1", "version 1: "),
        ("{unit}已办结。", "1", "no gap"),
        ("{unit}【问题】", "2", "there is no version 2"),
    ],
)
def test_what_is_no_template(tmp_path: Path, text: str, current: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault) as refused:
        ReplyTemplates.load(written(tmp_path, text, current), ZONE)
    assert "one" in str(refused.value)

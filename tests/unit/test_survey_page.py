"""回访页面: accessible, Chinese, phone first, nothing loaded, nobody named; what is filled in is read or explained."""

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest

from contracts.codes import Resolution, Satisfaction
from services.notify.api_survey import read
from services.notify.reasons import Reason
from services.notify.revisit_commands import Answers
from services.notify.survey_links import Guesses
from services.notify.survey_page import HEADERS, LONGEST_COMMENT, Filled, Matter, form_page, notice_page
from tests.html_page import Page

TOKEN = "A" * 32
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MATTER = Matter("物业管理", NOW, NOW + timedelta(days=3), has_unit=True)
ANSWER = Matter(None, None, NOW + timedelta(days=3), has_unit=False)
PAGES = {
    "form": form_page(MATTER, TOKEN, Filled()),
    "form of an answer": form_page(ANSWER, TOKEN, Filled()),
    "form with faults": form_page(MATTER, TOKEN, Filled({"resolution": "no"}, {"contact": "请选择"})),
    "notice": notice_page("链接无效", "请核对短信中的链接。"),
}


@pytest.mark.parametrize("document", PAGES.values(), ids=PAGES)
def test_every_page_is_whole_chinese_and_for_a_phone(document: str) -> None:
    page = Page(document)
    assert document.startswith("<!DOCTYPE html>")
    assert page.unclosed == []
    assert page.all("html") == [{"lang": "zh-CN"}]
    assert "12345" in page.text("title")
    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
    assert {"charset": "utf-8"} in page.all("meta")


@pytest.mark.parametrize("document", PAGES.values(), ids=PAGES)
def test_a_page_loads_nothing_and_needs_no_script(document: str) -> None:
    assert Page(document).external() == []
    assert not re.search(r"url\(|@import", document)


@pytest.mark.parametrize("document", PAGES.values(), ids=PAGES)
def test_every_field_has_a_label_of_its_own(document: str) -> None:
    page = Page(document)
    assert page.unlabelled() == []
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert len(page.all("legend")) == len({one["name"] for one in page.all("input") if one.get("type") == "radio"})


def test_the_style_is_the_only_one_that_the_policy_lets_in() -> None:
    [style] = re.findall(r"<style>(.*?)</style>", PAGES["form"], re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = HEADERS["Content-Security-Policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert "form-action 'self'" in policy
    assert (HEADERS["Referrer-Policy"], HEADERS["Cache-Control"]) == ("no-referrer", "no-store")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    full = colour if len(colour) == 6 else "".join(digit * 2 for digit in colour)
    parts = [int(full[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", sorted(set(re.findall(r"#([0-9a-f]{3,6})\b", PAGES["form"])) - {"fff"}))
def test_every_colour_can_be_read_on_white(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def test_the_page_says_what_it_is_about_in_general_words_and_by_dates() -> None:
    text = Page(PAGES["form"]).text()
    assert "物业管理" in text
    assert "2026年3月2日" in text
    assert "2026年3月5日" in text
    assert "承办单位联系过您吗" in text
    assert "承办单位联系过您吗" not in Page(PAGES["form of an answer"]).text()


def test_what_was_filled_in_comes_back_as_text_and_never_as_markup() -> None:
    nasty = '</textarea><script>alert("x")</script>'
    document = form_page(Matter("<b>类别</b>", NOW, NOW, True), '"><b>', Filled({"comment": nasty}, {"comment": "<i>"}))
    page = Page(document)
    assert page.external() == []
    assert nasty in page.text("textarea")
    assert not page.all("b")
    assert not page.all("i")


def test_faults_are_said_first_and_lead_to_their_field() -> None:
    page = Page(PAGES["form with faults"])
    [summary] = [one for one in page.all("div") if one.get("role") == "alert"]
    assert summary["class"] == "summary"
    assert [one["href"] for one in page.all("a")] == ["#contact"]
    assert "contact" in {one.get("id") for one in page.all("input")}
    assert [one["value"] for one in page.all("input") if "checked" in one] == ["no"]


GOOD = {"contact": "in_time", "resolution": "yes", "satisfaction": "satisfied", "reason": "", "comment": ""}
READ: list[tuple[str, dict[str, str], bool, Answers]] = [
    ("solved", GOOD, True, Answers(True, True, Resolution.YES, Satisfaction.SATISFIED)),
    ("late", GOOD | {"contact": "late"}, True, Answers(True, False, Resolution.YES, Satisfaction.SATISFIED)),
    ("nobody came", GOOD | {"contact": "none"}, True, Answers(False, False, Resolution.YES, Satisfaction.SATISFIED)),
    (
        "not solved",
        GOOD | {"resolution": "no", "reason": "not_done"},
        True,
        Answers(True, True, Resolution.NO, Satisfaction.SATISFIED, reason=Reason.NOT_DONE),
    ),
    ("an answer", GOOD, False, Answers(None, None, Resolution.YES, Satisfaction.SATISFIED)),
]


@pytest.mark.parametrize(("values", "has_unit", "answers"), [r[1:] for r in READ], ids=[r[0] for r in READ])
def test_what_is_filled_in_is_read(values: dict[str, str], has_unit: bool, answers: Answers) -> None:
    assert read(values, has_unit) == (answers, {})


FAULTS: list[tuple[str, dict[str, str], set[str]]] = [
    ("nothing", {}, {"contact", "resolution", "satisfaction"}),
    ("no reason", GOOD | {"resolution": "partly"}, {"reason"}),
    ("a reason that staff judge", GOOD | {"resolution": "no", "reason": "no_legal_ground"}, {"reason"}),
    ("an unknown reason", GOOD | {"reason": "x"}, {"reason"}),
    ("too many words", GOOD | {"comment": "长" * (LONGEST_COMMENT + 1)}, {"comment"}),
    ("NUL", GOOD | {"comment": "a\x00b"}, {"comment"}),
    ("nonsense", GOOD | {"contact": "?", "satisfaction": "?"}, {"contact", "satisfaction"}),
]


@pytest.mark.parametrize(("values", "fields"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_what_is_wrong_is_named(values: dict[str, str], fields: set[str]) -> None:
    answers, errors = read(values, has_unit=True)
    assert answers is None
    assert set(errors) == fields


def test_an_address_that_guesses_has_to_wait_and_others_do_not() -> None:
    guesses = Guesses(3, timedelta(minutes=10))
    for minute in range(3):
        assert guesses.wait("a", NOW) == 0
        guesses.wrong("a", NOW + timedelta(minutes=minute))
    now = NOW + timedelta(minutes=2)
    assert guesses.wait("a", now) == 8 * 60 + 1
    assert guesses.wait("b", now) == 0
    assert guesses.wait("a", NOW + timedelta(minutes=10)) == 0

"""Open311: formats, refusals, keys, spans, and what the public is told; over HTTP: tests/integration/intake."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from chassis.errors import Forbidden, Invalid, ProblemError, Unauthenticated, Unavailable
from contracts.codes import Agency, ClosingOutcome
from contracts.frozen import replace
from contracts.rejected import Rejected
from services.intake import reference_tables
from services.intake.callers import Contact
from services.intake.issue_model import Issue, OnlineClass, Status
from services.intake.open311 import formats, forms, telling
from services.intake.open311.answers import RequestStatus
from services.intake.open311.keys import KeyHash, Keys, Partner, read_keys
from services.intake.open311.views import Row, Wanted, list_query
from services.intake.reference_data import Lead
from services.intake.views import Progress

NOW = datetime(2026, 3, 2, 1, 10, 38, tzinfo=UTC)
REFERENCE = reference_tables.build("v1", reference_tables.read(reference_tables.DIRECTORY))
ISSUE = Issue(Status.REGISTERED, received_at=NOW, street_code="150105004", partner="P1", wanted_item="0101")
CONTACT = Contact("赵示例", "13800001001", "不热。", "某小区", 40.8, 111.69, media_url="https://example.org/1.jpg")


def told(issue: Issue, living: Issue | None = None, contact: Contact | None = None, **known: Any) -> Any:
    row = Row("a", issue, "b" if living else "a", living or issue, NOW)
    progress = Progress(known.get("promised_at"))
    units = known.get("units", ())
    return telling.request(row, telling.Known(progress, units, known.get("ended_at"), contact), REFERENCE, NOW)


class TestFormats:
    @pytest.mark.parametrize("text", ["<暖气> & \"冷\" 'x'", "一行\n又一行", "\tx"])
    def test_xml_says_what_was_said(self, text: str) -> None:
        document = formats.to_xml("errors", [{"code": 400, "description": f"a{text}b", "empty": None, "yes": True}])
        [error] = ElementTree.XML(document)
        assert {field.tag: field.text for field in error} == {
            "code": "400",
            "description": f"a{text}b",
            "empty": None,
            "yes": "true",
        }

    @pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\ufffe", "\ud800"])
    def test_what_xml_cannot_hold_does_not_break_the_document(self, character: str) -> None:
        assert ElementTree.XML(formats.to_xml("text", f"a{character}b")).text == "a\ufffdb"

    @pytest.mark.parametrize(
        ("path", "is_json"), [("/a.json", True), ("/a.xml", False), ("/a", False), ("/json", False)]
    )
    def test_the_suffix_decides(self, path: str, is_json: bool) -> None:
        answer = formats.respond(path, "errors", [])
        assert answer.headers["content-type"].startswith("application/json" if is_json else "text/xml")
        assert answer.body == (b"[]" if is_json else b'<?xml version="1.0" encoding="utf-8"?>\n<errors />')

    @pytest.mark.parametrize(
        ("problem", "status"),
        [
            (Unauthenticated("auth.missing_token"), 403),
            (Forbidden(("partner",)), 403),
            (ProblemError(404, "a.b", "没有"), 404),
            (ProblemError(409, "a.b", "不行"), 400),
            (Invalid("lat", "range", "太大"), 400),
            (Unavailable(retry_after=7), 503),
        ],
    )
    def test_statuses_of_refusals(self, problem: ProblemError, status: int) -> None:
        answer = formats.refuse("/x.json", problem)
        [fault] = json.loads(bytes(answer.body))
        assert (answer.status_code, fault["code"]) == (status, status)
        assert problem.code in fault["description"]
        assert answer.headers.get("retry-after") == problem.headers.get("Retry-After")


class TestKeys:
    KEYS = Keys({hashlib.sha256(b"secret").hexdigest(): Partner("P1", "13800009001")})

    def test_a_key_is_a_partners(self) -> None:
        assert self.KEYS.partner("secret").id == "P1"

    @pytest.mark.parametrize("key", ["", "Secret", hashlib.sha256(b"secret").hexdigest()])
    def test_another_key_opens_nothing(self, key: str) -> None:
        with pytest.raises(Rejected) as refused:
            self.KEYS.partner(key)
        assert (refused.value.code, refused.value.status) == ("open311.bad_key", 403)

    def test_settings_take_hashes_only(self) -> None:
        shape: TypeAdapter[dict[str, Partner]] = TypeAdapter(dict[KeyHash, Partner])
        good = json.dumps({hashlib.sha256(b"secret").hexdigest(): {"id": "P1", "phone": "138-0000-9001"}})
        assert [partner.phone for partner in shape.validate_python(read_keys(good)).values()] == ["13800009001"]
        with pytest.raises(ValidationError):
            shape.validate_python(read_keys('{"secret": {"id": "P1", "phone": "13800009001"}}'))
        with pytest.raises(ValueError, match="JSON"):
            read_keys("secret")


DAY = timedelta(days=1)


class TestSpan:
    @pytest.mark.parametrize(
        ("start", "end", "expected"),
        [
            (None, None, (NOW - 90 * DAY, NOW)),
            (NOW - 10 * DAY, None, (NOW - 10 * DAY, NOW)),
            (NOW - 200 * DAY, None, (NOW - 200 * DAY, NOW - 110 * DAY)),
            (None, NOW - 10 * DAY, (NOW - 100 * DAY, NOW - 10 * DAY)),
            (NOW - 90 * DAY, NOW, (NOW - 90 * DAY, NOW)),
        ],
    )
    def test_at_most_ninety_days(
        self, start: datetime | None, end: datetime | None, expected: tuple[datetime, datetime]
    ) -> None:
        texts = {"start_date": start.isoformat() if start else None, "end_date": end.isoformat() if end else None}
        query = forms.check(forms.ListQuery, {name: text for name, text in texts.items() if text})
        assert query.span(NOW) == expected

    def test_more_is_refused(self) -> None:
        asked = {"start_date": (NOW - 90 * DAY - timedelta(seconds=1)).isoformat(), "end_date": NOW.isoformat()}
        with pytest.raises(Invalid) as refused:
            forms.check(forms.ListQuery, asked).span(NOW)
        assert refused.value.code == "open311.span_too_long"

    def test_a_date_without_its_zone_is_refused(self) -> None:
        with pytest.raises(RequestValidationError):
            forms.check(forms.ListQuery, {"start_date": "2026-01-01T00:00:00"})

    def test_both_statuses_are_as_good_as_none(self) -> None:
        none, both = Wanted(NOW, NOW, [], frozenset(), 1, 10), Wanted(NOW, NOW, [], frozenset(RequestStatus), 1, 10)
        assert list_query(none) == list_query(both)


class TestTelling:
    def test_without_being_the_sender_there_are_no_words(self) -> None:
        request = told(ISSUE)
        assert (request.description, request.lat, request.long, request.media_url) == (None, None, None, None)
        assert request.address == REFERENCE.streets["150105004"].name
        own = told(ISSUE, contact=CONTACT)
        assert (own.description, own.lat, own.media_url) == ("不热。", 40.8, CONTACT.media_url)
        assert own.address == f"某小区，{REFERENCE.streets['150105004'].name}"

    def test_what_a_person_decided_goes_before_what_the_form_said(self) -> None:
        assert told(ISSUE).service_code == "0101"
        assert told(replace(ISSUE, item_code="0102")).service_name == REFERENCE.items["0102"].item_zh

    @pytest.mark.parametrize(
        ("units", "named"),
        [
            ((), None),
            (("E15010001",), REFERENCE.units["E15010001"].name_zh),
            (
                ("S150105004", "D15010005"),
                f"{REFERENCE.units['S150105004'].name_zh}、{REFERENCE.units['D15010005'].name_zh}",
            ),
            (("D15019999",), "D15019999"),
        ],
    )
    def test_who_has_the_order_is_named(self, units: tuple[str, ...], named: str | None) -> None:
        assert told(ISSUE, units=units).agency_responsible == named

    @pytest.mark.parametrize("status", Status)
    def test_open_is_what_somebody_still_works_on(self, status: Status) -> None:
        is_open = status in ("registered", "accepted", "decline_review", "objection_review", "at_centre")
        assert told(replace(ISSUE, status=status)).status == ("open" if is_open else "closed")

    def test_what_is_promised_is_told_and_nothing_is_made_up(self) -> None:
        assert told(ISSUE).expected_datetime is None
        assert told(ISSUE, promised_at=NOW).expected_datetime == "2026-03-02T09:10:38+08:00"

    @pytest.mark.parametrize(
        ("facts", "part"),
        [
            ({"status": Status.CLOSED, "outcome": ClosingOutcome.EXPLAINED}, "已作解释"),
            ({"status": Status.CLOSED, "outcome": ClosingOutcome.UNREACHED}, "未能联系上"),
            ({"status": Status.TRANSFERRED, "agency": Agency.FIRE}, "由 119 处置"),
            ({"status": Status.TRANSFERRED, "online_class": OnlineClass.LEGAL}, "司法"),
            ({"status": Status.ANSWERED, "knowledge": ("K002", "v1")}, REFERENCE.knowledge["K002"].answer_zh),
            ({"status": Status.ANSWERED, "knowledge": ("K999", "v1")}, "已答复"),
            ({"status": Status.DECLINED, "exclusion": ("X0101", "v1")}, REFERENCE.exclusions["X0101"].redirect),
        ],
    )
    def test_the_end_is_explained(self, facts: dict[str, Any], part: str) -> None:
        assert part in told(replace(ISSUE, **facts)).status_notes

    def test_every_outcome_has_words(self) -> None:
        for outcome in ClosingOutcome:
            assert "；" in told(replace(ISSUE, status=Status.CLOSED, outcome=outcome)).status_notes

    def test_a_merged_request_is_as_the_one_that_goes_on(self) -> None:
        merged = replace(ISSUE, status=Status.MERGED, merged_into="b")
        going_on = told(merged, replace(ISSUE, status=Status.ACCEPTED), promised_at=NOW - DAY)
        assert (going_on.status, going_on.service_request_id) == ("open", "a")
        assert going_on.status_notes == "已与同一事件的其他诉求合并办理；已受理，办理中；已超过承诺时间，仍在办理"
        assert told(merged, replace(ISSUE, status=Status.CLOSED)).status == "closed"

    def test_closed_was_changed_when_it_was_closed(self) -> None:
        closed = replace(ISSUE, status=Status.CLOSED)
        assert told(closed, ended_at=NOW - DAY).updated_datetime == "2026-03-01T09:10:38+08:00"
        assert told(ISSUE, ended_at=NOW - DAY).updated_datetime == "2026-03-02T09:10:38+08:00", "reopened since"

    def test_a_street_is_asked_for_where_it_decides_who_handles_it(self) -> None:
        for item in REFERENCE.items.values():
            asks = item.lead in (Lead.LOCALITY, Lead.DUAL)
            assert telling.service(item).metadata is asks
            assert bool(telling.definition(item, REFERENCE).attributes) is asks

"""Limits files: what the services carry, what a city may change, and how a bad file says so."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from chassis.limits import Limits, LimitsError, load_limits
from chassis.working_time import Limit, Unit

SERVICES = Path(__file__).parents[2] / "services"
NAMES = {
    "router": {
        "sign": (2, Unit.WORKING_HOURS),
        "sign_urgent": (30, Unit.MINUTES),
        "dispatch_queue": (2, Unit.WORKING_HOURS),
        "dispatch_queue_urgent": (30, Unit.MINUTES),
        "close_review": (1, Unit.WORKING_DAYS),
        "revisit_wait": (5, Unit.WORKING_DAYS),
        "mediation_wait": (40, Unit.DAYS),
        "petition_wait": (130, Unit.DAYS),
        "whistle_acknowledge": (1, Unit.HOURS),
        "whistle_contact": (24, Unit.HOURS),
        "whistle_report_in": (3, Unit.WORKING_DAYS),
        "whistle_report_in_emergency": (30, Unit.MINUTES),
        "whistle_result": (10, Unit.WORKING_DAYS),
        "whistle_evaluate": (3, Unit.WORKING_DAYS),
        "whistle_approve": (1, Unit.WORKING_DAYS),
        "whistle_ruling": (1, Unit.WORKING_DAYS),
        "whistle_report_in_joint_enforcement": (3, Unit.WORKING_DAYS),
        "whistle_report_in_key_project": (5, Unit.WORKING_DAYS),
        "whistle_result_joint_enforcement": (5, Unit.WORKING_DAYS),
        "whistle_result_key_project": (10, Unit.WORKING_DAYS),
        "whistle_result_emergency": (24, Unit.HOURS),
        "whistle_result_again": (3, Unit.WORKING_DAYS),
    },
    "intake": {"triage": (2, Unit.HOURS), "decline_review": (1, Unit.WORKING_DAYS)},
    "mediation": {
        "screen": (1, Unit.WORKING_DAYS),
        "consent": (5, Unit.WORKING_DAYS),
        "assign": (1, Unit.WORKING_DAYS),
        "mediation": (1, Unit.MONTHS),
        "guidance": (3, Unit.WORKING_DAYS),
        "confirmation_request": (30, Unit.DAYS),
        "court_acceptance": (3, Unit.DAYS),
        "court_ruling": (15, Unit.DAYS),
        "performance": (30, Unit.DAYS),
    },
    "notify": {
        "revisit_due": (24, Unit.HOURS),
        "revisit_attempt_gap": (4, Unit.HOURS),
        "delivery_stuck": (2, Unit.MINUTES),
        "delivery_backoff": (1, Unit.MINUTES),
    },
}


@pytest.fixture
def override(tmp_path: Path) -> Path:
    return tmp_path / "city.toml"


def load(service: str, override: Path | None = None) -> Limits:
    return load_limits(SERVICES / service / "limits.toml", override)


@pytest.mark.parametrize("service", NAMES)
def test_every_limit_is_there_with_its_source(service: str) -> None:
    limits = load(service)
    assert NAMES[service].items() <= {name: (limit.amount, limit.unit) for name, limit in limits.limits.items()}.items()
    assert all(limit.source[:3] in {"[A]", "[P]", "[I]"} for limit in limits.limits.values())


def test_ratios_and_counts_are_named_too() -> None:
    router = load("router")
    assert (router.ratio("yellow"), router.count("problem_reworks")) == (0.8, 3)
    notify = load("notify")
    assert (notify.ratio("delivery_backoff_factor"), notify.count("delivery_attempts")) == (2, 5)
    assert notify.count("revisit_attempts") == 3
    assert notify.count("delivery_daily_cap") == 10


def test_quiet_hours_are_the_default_and_end_by_the_citys_clock() -> None:
    limits = load("notify")
    night = datetime(2026, 3, 2, 22, 30, tzinfo=limits.calendar.zone)
    assert limits.daily("delivery_quiet").end(night) == datetime(2026, 3, 3, 8, tzinfo=limits.calendar.zone)


def test_a_city_may_have_no_quiet_hours_but_must_say_so(override: Path) -> None:
    override.write_text('[hours.delivery_quiet]\nwindows = []\nsource = "[I] a city"')
    night = datetime(2026, 3, 2, 22, 30, tzinfo=load("notify").calendar.zone)
    assert load("notify", override).daily("delivery_quiet").end(night) == night
    override.write_text('[hours.delivery_quiet]\nwindows = [["21:00", "21:00"]]\nsource = "[I] a city"')
    with pytest.raises(LimitsError, match=r"hours\.delivery_quiet: a window must not end"):
        load("notify", override)


def test_a_named_limit_gives_its_end() -> None:
    start = datetime.fromisoformat("2025-09-30T17:00:00+08:00")
    assert load("router").due("sign", start) == datetime.fromisoformat("2025-10-09T09:30:00+08:00")


def test_an_unknown_name_is_an_error_that_says_it() -> None:
    limits = load("router")
    with pytest.raises(LimitsError, match="no limit called 'sing'"):
        limits["sing"]
    with pytest.raises(LimitsError, match="no ratio called 'green'"):
        limits.ratio("green")
    with pytest.raises(LimitsError, match="no count called 'attempts'"):
        limits.count("attempts")


def test_a_city_changes_what_it_names_and_nothing_else(override: Path) -> None:
    override.write_text(
        '[calendar]\nalways_open = true\nhour_seconds = 2\n[limits.sign]\namount = 4\nsource = "a city notice"\n'
    )
    limits = load("router", override)
    assert limits["sign"] == Limit(4, Unit.WORKING_HOURS, "a city notice")
    assert limits["close_review"] == load("router")["close_review"]
    night = datetime.fromisoformat("2025-10-01T03:00:00+08:00")
    assert limits.due("sign", night) - night == timedelta(seconds=8)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[limits.sing]\namount = 1\nsource = "x"', r"city\.toml: limits\.sing: there is no such entry"),
        ("[limits.sign]\namount = 1", r"city\.toml: limits\.sign: source is missing"),
        ('[limits.sign]\namount = -1\nsource = "x"', r"city\.toml: limits\.sign\.amount: .*greater than or equal to 0"),
        ('[limits.sign]\nunit = "weeks"\nsource = "x"', r"city\.toml: limits\.sign\.unit: .*'working_days'"),
        ('[limits.sign]\nammount = 1\nsource = "x"', r"city\.toml: limits\.sign\.ammount: "),
        (
            '[limits.whistle_result]\namount = 1.5\nunit = "months"\nsource = "x"',
            r"whistle_result.*months must be whole",
        ),
        ('[ratios.yellow]\nvalue = 0\nsource = "x"', r"ratios\.yellow\.value: .*greater than 0"),
        ("[calendar]\nwindows = []", r"city\.toml: .*hours_per_day"),
        ('[calendar]\nzone = "Mars"', r"city\.toml: calendar\.zone: .*Mars"),
        ("[clocks]\nfast = true", r"city\.toml: unknown section \[clocks\]"),
        ("limits = 3", r"city\.toml: limits must be a section"),
        ("[limits", r"city\.toml: not a TOML file"),
    ],
)
def test_a_bad_file_names_file_key_and_rule(override: Path, text: str, message: str) -> None:
    override.write_text(text)
    with pytest.raises(LimitsError, match=message):
        load("router", override)


def test_a_missing_file_is_named(override: Path) -> None:
    with pytest.raises(LimitsError, match=r"city\.toml: cannot be read"):
        load("router", override)

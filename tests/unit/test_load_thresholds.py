"""Percentiles and verdicts of a load run."""

import json
from pathlib import Path

import pytest

from load.errors import SettingsError
from load.figures import COMMAND, READ, WAIT, Figures, percentiles
from load.report import Outcome
from load.settings import Settings, Target, read
from load.thresholds import FILE, Threshold, Verdict, judge
from load.thresholds import read as read_thresholds

TARGET = Target({"intake": "http://intake.example"}, "http://issuer.example/token", "load", "very secret")


def settings() -> Settings:
    return read({}, lambda _: TARGET)


def bound(of: str, figure: str, value: float, *, at_least: bool = False) -> Threshold:
    return Threshold(of, figure, value, at_least, "a test")


def measured() -> Figures:
    """A hundred commands of 1 to 100 ms, a read, a wait, one error, and one of two issues completed."""
    figures = Figures()
    figures.times[COMMAND, "router sign"].extend(range(1, 51))
    figures.times[COMMAND, "router submit"].extend(range(51, 101))
    figures.times[READ, "router order"].append(500)
    figures.times[WAIT, "accept to dispatched"].append(40)
    figures.lateness.extend([0, 0, 0, 7])
    figures.errors["POST router sign: 503"] += 1
    figures.begun = 2
    figures.completed["ordinary"] += 1
    return figures


class TestPercentiles:
    def test_are_by_nearest_rank(self) -> None:
        assert percentiles(range(100, 0, -1)) == {"p50": 50, "p95": 95, "p99": 99, "max": 100}

    def test_of_one_value_are_that_value(self) -> None:
        assert set(percentiles([3.0]).values()) == {3.0}

    def test_of_nothing_are_not_there(self) -> None:
        assert percentiles([]) == {}


class TestFigures:
    @pytest.mark.parametrize(
        ("of", "figure", "value"),
        [
            ("commands", "p99", 99),
            ("reads", "p50", 500),
            ("waits", "max", 40),
            ("accept to dispatched", "p95", 40),
            ("router sign", "max", 50),
            ("lateness", "max", 7),
        ],
    )
    def test_by_group_and_by_name(self, of: str, figure: str, value: float) -> None:
        assert measured().milliseconds(of)[figure] == value

    def test_a_wait_is_no_request(self) -> None:
        assert measured().requests == 102

    def test_ratios(self) -> None:
        figures = measured()
        assert figures.ratio("errors") == pytest.approx(1 / 102)
        assert figures.ratio("completed") == 0.5
        assert figures.under_way == 1
        assert Figures().ratio("errors") is None
        assert Figures().ratio("completed") is None


class TestVerdicts:
    @pytest.mark.parametrize(
        ("threshold", "kept"),
        [
            (bound("commands", "p99", 99), True),
            (bound("commands", "p99", 98.9), False),
            (bound("errors", "ratio", 0.01), True),
            (bound("errors", "ratio", 0.001), False),
            (bound("completed", "ratio", 0.5, at_least=True), True),
            (bound("completed", "ratio", 0.51, at_least=True), False),
            (bound("nobody measured this", "p99", 1e9), False),
        ],
    )
    def test_a_bound_is_kept_or_not(self, threshold: Threshold, kept: bool) -> None:
        (verdict,) = judge([threshold], measured())
        assert verdict.kept is kept

    def test_sentences(self) -> None:
        threshold = bound("commands", "p99", 250)
        assert Verdict(threshold, 312.44).sentence() == "commands p99: 312.4 ms, wanted at most 250 ms"
        assert Verdict(threshold, None).sentence() == "commands p99: nothing measured, wanted at most 250 ms"
        completed = bound("completed", "ratio", 0.99, at_least=True)
        assert Verdict(completed, 0.5).sentence() == "completed ratio: 0.5000, wanted at least 0.99"

    def test_a_generator_that_cannot_keep_up_says_so(self) -> None:
        late = bound("lateness", "p99", 100)
        assert Verdict(late, 3000).sentence().startswith("The generator cannot keep up: lateness p99: 3000.0 ms")
        assert "keep up" not in Verdict(late, 5).sentence()


class TestOutcome:
    def test_it_passes_when_it_finished_and_kept_everything(self) -> None:
        verdicts = judge([bound("commands", "p99", 99)], measured())
        outcome = Outcome(settings(), measured(), verdicts, 60.0, finished=True)
        assert outcome.passed
        assert outcome.lines()[-1] == "Passed."

    def test_cut_short_is_no_pass(self) -> None:
        outcome = Outcome(
            settings(), measured(), judge([bound("commands", "p99", 99)], measured()), 1.0, finished=False
        )
        assert not outcome.passed
        assert outcome.report()["passed"] is False

    def test_a_broken_threshold_is_told(self) -> None:
        verdicts = judge([bound("commands", "p99", 99), bound("reads", "p99", 100)], measured())
        outcome = Outcome(settings(), measured(), verdicts, 60.0, finished=True)
        assert not outcome.passed
        assert outcome.lines()[-1] == "Failed: 1 of 2 thresholds broken."
        assert "  BROKEN  reads p99: 500.0 ms, wanted at most 100 ms" in outcome.lines()

    def test_the_report_has_figures_by_name_and_no_secret(self) -> None:
        report = Outcome(settings(), measured(), judge([bound("reads", "p99", 1)], measured()), 60.0, True).report()
        assert report["milliseconds"]["router sign"] == {
            "kind": "POST",
            "count": 50,
            "p50": 25.0,
            "p95": 48.0,
            "p99": 50.0,
            "max": 50.0,
        }
        assert report["requests_per_second"] == 1.7
        assert report["issues"]["begun"] == 2
        assert report["thresholds"][0]["kept"] is False
        assert "secret" not in json.dumps(report)


class TestFile:
    def test_ours_is_sound_and_every_bound_has_a_source(self) -> None:
        found = read_thresholds()
        assert {(threshold.of, threshold.figure) for threshold in found} >= {
            ("lateness", "p99"),
            ("commands", "p99"),
            ("accept to dispatched", "p99"),
            ("errors", "ratio"),
            ("completed", "ratio"),
        }
        assert all(threshold.source for threshold in found)
        assert all(threshold.bound > 0 for threshold in found)

    @pytest.mark.parametrize(
        "content",
        [
            "",
            "[milliseconds]\nreads = 5",
            "[milliseconds.reads]\np99 = 5",
            "[milliseconds.reads]\nsource = 'x'",
            "[milliseconds.reads]\np98 = 5\nsource = 'x'",
            "[milliseconds.reads]\np99 = 'fast'\nsource = 'x'",
            "[milliseconds.reads]\np99 = true\nsource = 'x'",
            "[ratio.happy]\nat_most = 1\nsource = 'x'",
            "[ratio.errors]\np99 = 1\nsource = 'x'",
            "[seconds.reads]\np99 = 1\nsource = 'x'",
            "[milliseconds.reads",
        ],
    )
    def test_a_wrong_one_names_its_variable(self, tmp_path: Path, content: str) -> None:
        file = tmp_path / FILE.name
        file.write_text(content)
        with pytest.raises(SettingsError, match=r"^LOAD_THRESHOLDS .*\.$"):
            read_thresholds(file)

    def test_a_missing_one_names_its_variable(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=r"^LOAD_THRESHOLDS "):
            read_thresholds(tmp_path / "none.toml")

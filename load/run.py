"""One run: calls come in when the schedule says so, each goes its way, until the last has ended."""

import secrets
from collections.abc import Callable, Sequence
from time import monotonic

import gevent
from gevent.pool import Group

from load import arrivals, calls, staff, thresholds
from load.calls import Appeal
from load.deployment import Deployment, Directory
from load.errors import Away, Refused
from load.figures import Figures, percentiles
from load.pace import Pace
from load.report import Outcome
from load.roads import go
from load.settings import Settings
from load.staff import Staff
from load.tokens import Tokens
from load.walk import City, Told, Walk
from stack.dice import Dice

LINE_SECONDS = 10.0
SECONDS_PER_MINUTE = 60
Say = Callable[[str], None]


class Prepared:
    """Everything that can be wrong before the first call is looked at here; raises ``load.errors.SettingsError``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.thresholds = thresholds.read(settings.thresholds)
        self.pattern = arrivals.read(settings.pattern)
        self.appeals: Sequence[Appeal] = calls.read(settings.appeals)
        self.staff: Staff = staff.read(settings.staff)
        self.tokens = Tokens(settings.target, self.staff)
        self.deployment = Deployment(settings.target, self.tokens)
        self.tokens.sign_in(self.staff.everybody())
        supervisor = self.staff.any("supervisor", Dice(settings.seed))
        self.directory: Directory = self.deployment.directory(supervisor)
        if not self.staff.clients:
            self.tokens.sign_in(self.staff.handler(unit) for unit in self.directory.holders)
            self.tokens.sign_in(self.staff.leader(street) for street in self.directory.streets)


class Run:
    """Plays the calls of ``prepared``. ``told`` hears every measurement, ``say`` how far it is."""

    def __init__(self, prepared: Prepared, told: Told, say: Say) -> None:
        self._prepared = prepared
        self._say = say
        settings = prepared.settings
        self._city = City(
            deployment=prepared.deployment,
            directory=prepared.directory,
            staff=prepared.staff,
            figures=Figures(),
            told=told,
            think=settings.think,
            patience=settings.patience,
            run=secrets.token_hex(4),
        )
        self._walks = Group()
        self._started = monotonic()
        self._ended: float | None = None

    def play(self) -> None:
        """Until every issue has ended or was given up: the minutes of the settings, and what the last ones need."""
        settings, dice = self._prepared.settings, Dice(self._prepared.settings.seed)
        seconds = settings.minutes * SECONDS_PER_MINUTE
        schedule = arrivals.arrivals(self._prepared.pattern, settings.factor, settings.hour, seconds, dice)
        self._started = monotonic()
        helpers = [gevent.spawn(self._prepared.tokens.keep_fresh), gevent.spawn(self._tell)]
        try:
            for number, at in enumerate(schedule):
                due = self._started + at
                gevent.sleep(max(0.0, due - monotonic()))
                self._walks.spawn(self._walk, number, due)
            gevent.sleep(max(0.0, self._started + seconds - monotonic()))
            self._walks.join()
            self._ended = monotonic()
        finally:
            gevent.killall([*helpers, *self._walks])

    def outcome(self) -> Outcome:
        """What came of it, also of a run that somebody cut short."""
        figures = self._city.figures
        return Outcome(
            settings=self._prepared.settings,
            figures=figures,
            verdicts=thresholds.judge(self._prepared.thresholds, figures),
            seconds=(self._ended or monotonic()) - self._started,
            finished=self._ended is not None,
        )

    def _walk(self, number: int, due: float) -> None:
        figures, dice = self._city.figures, Dice(f"{self._prepared.settings.seed}/{number}")
        figures.begun += 1
        walk = Walk(self._city, number, dice.choice(self._prepared.appeals), dice, Pace(due))
        try:
            road = go(walk)
        except (Refused, Away) as failure:
            figures.failed[str(failure)] += 1
        except Exception as failure:  # an answer of an unknown form, or a defect of ours: told, and others go on
            figures.failed[f"{type(failure).__name__}: {failure}"] += 1
        else:
            figures.completed[road] += 1

    def _tell(self) -> None:
        figures, told = self._city.figures, 0
        while True:
            gevent.sleep(LINE_SECONDS)
            late = percentiles(figures.lateness[told:]).get("p99", 0.0)
            told = len(figures.lateness)
            self._say(
                f"{monotonic() - self._started:5.0f} s: {figures.begun} calls, {figures.completed.total()} completed, "
                f"{figures.failed.total()} failed, {figures.under_way} under way, {figures.errors.total()} errors, "
                f"generator late by {late:.0f} ms (p99)"
            )

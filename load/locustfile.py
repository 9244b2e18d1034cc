"""`make load`: Locust starts one city, whose calls come in whether anybody is free or not.

Locust's own model is a number of users who each wait for their last answer; a city does not. So there is one user, who
starts a greenlet for each call when it is due. Everything is set by LOAD_… variables, see docs/load.md.
"""

import json
import os
import sys
from typing import Any, ClassVar

import gevent
from locust import User, events, task
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import LocalRunner

from load import settings
from load.errors import SettingsError
from load.report import Outcome
from load.run import Prepared, Run
from load.settings import Settings


def chosen() -> Settings:
    """The settings; ends the program with one sentence if one is wrong."""
    try:
        return settings.read(os.environ)
    except SettingsError as error:
        sys.exit(str(error))


def say(line: str) -> None:
    """One line for people."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


SETTINGS = chosen()


class City(User):
    """The only user. Its one task is the whole run."""

    fixed_count = 1
    prepared: ClassVar[Prepared]
    outcome: ClassVar[Outcome | None] = None

    @task
    def call(self) -> None:
        """Play the run, write its report, and end Locust; with Locust's page open, only stop."""
        runner, has_page = self.environment.runner, self.environment.web_ui is not None
        run = Run(self.prepared, self._tell, say)
        try:
            run.play()
        finally:  # also when somebody cuts it short
            conclude(self.environment, run.outcome())
        # From elsewhere: to quit is to end this greenlet too.
        gevent.spawn(runner.stop if has_page else runner.quit)
        raise StopUser

    def _tell(self, kind: str, name: str, milliseconds: float, size: int, error: Exception | None) -> None:
        self.environment.events.request.fire(
            request_type=kind,
            name=name,
            response_time=milliseconds,
            response_length=size,
            exception=error,
            context={},
        )


def conclude(environment: Environment, outcome: Outcome) -> None:
    """Write the report and let the exit code say whether the run has passed."""
    report = SETTINGS.report
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(outcome.report(), indent=2, ensure_ascii=False) + "\n", "utf-8")
    environment.process_exit_code = 0 if outcome.passed else 1
    City.outcome = outcome
    if environment.web_ui is not None:  # Locust goes on, and so does its exit code
        show()


def show(**_: Any) -> None:
    """Print the verdict of a run, once."""
    outcome, City.outcome = City.outcome, None
    if outcome is not None:
        say("\n".join(outcome.lines()))


def prepare(environment: Environment, **_: Any) -> None:
    """Sign everybody in and look at the deployment; ends the program with one sentence if that does not work."""
    if not isinstance(environment.runner, LocalRunner):
        sys.exit("Start several runs side by side, each with its share of LOAD_FACTOR, instead of Locust's workers.")
    environment.process_exit_code = 1  # until a run has shown that it passed
    say("Signing everybody in …")
    try:
        City.prepared = Prepared(SETTINGS)
    except SettingsError as error:
        sys.exit(str(error))


events.init.add_listener(prepare)
events.quit.add_listener(show)  # after Locust's own tables

"""One issue on its way through the services: the steps, over HTTP, of the people whose work it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from time import monotonic

import gevent

from load.calls import Appeal
from load.deployment import Deployment, Directory
from load.errors import Away, Refused
from load.figures import COMMAND, READ, WAIT, Figures
from load.pace import Pace
from load.staff import Person, Staff
from load.wire import Json, Reply, Unanswered

TRY_AGAIN_SECONDS = 1.0
NOT_FOUND, TOO_MANY, SERVER_ERROR = 404, 429, 500
FIRST_GAP, LONGEST_GAP = 0.02, 1.0
GAP_SHARE = 0.2  # of the time waited so far: what came through late need not be known to the millisecond

Told = Callable[[str, str, float, int, Exception | None], None]
"""Tells Locust of a measurement: kind, name, milliseconds, bytes, and the error if it was one."""


@dataclass(frozen=True, slots=True)
class City:
    """What all issues of a run share. ``think`` and ``patience`` are seconds, ``run`` names it in idempotency keys."""

    deployment: Deployment
    directory: Directory
    staff: Staff
    figures: Figures
    told: Told
    think: float
    patience: float
    run: str


@dataclass(frozen=True, slots=True)
class Step:
    """One request of somebody. ``name`` is what it is counted under, ``key`` its Idempotency-Key."""

    who: Person
    service: str
    kind: str
    path: str
    name: str
    query: Mapping[str, str]
    body: Json | None = None
    key: str | None = None


@dataclass
class Walk:
    """One issue; ``number`` is that of the call, ``dice`` are its own, so that a run can be repeated."""

    city: City
    number: int
    appeal: Appeal
    dice: Random
    pace: Pace
    issue: str = ""
    _commands: int = 0
    _waited: float = 0.0

    def one_in(self, count: int) -> bool:
        """Whether this is one of ``count``."""
        return self.dice.randrange(count) == 0

    def any(self, role: str) -> Person:
        """Somebody of this role."""
        return self.city.staff.any(role, self.dice)

    def get(self, who: Person, service: str, path: str, name: str, **query: str) -> Json:
        """Look at a page. Raises ``Refused`` or ``Away``."""
        return self._in_turn(Step(who, service, READ, path, name, query))

    def post(self, who: Person, service: str, path: str, name: str, body: Json | None = None) -> Json:
        """Do something, once: a repetition has the same key. Raises ``Refused`` or ``Away``."""
        self._commands += 1
        key = f"{self.city.run}/{self.number}/{self._commands}"
        return self._in_turn(Step(who, service, COMMAND, path, name, {}, body or {}, key))

    def until(
        self,
        who: Person,
        service: str,
        path: str,
        name: str,
        holds: Callable[[Json], bool],
        **query: str,
    ) -> Json:
        """Look at a page until it is there and ``holds``: what comes through by events. Raises ``Refused`` or ``Away``.

        The looks come thick at first and rarer the longer it takes, so that what was ``waited`` is known to 20 ms or to
        a fifth of itself.
        """
        step, begun = Step(who, service, READ, path, name, query), monotonic()
        self.pace.think(begun, 0.0)
        while True:
            reply = self._do(step, or_else=NOT_FOUND)
            now = monotonic()
            if reply.good and holds(reply.document):
                self._waited = (now - begun) * 1000
                self._think(now)
                return reply.document
            if now - begun > self.city.patience:
                raise Away(f"{name} did not come within {self.city.patience:g} s")
            self.pace.think(now, min(max(FIRST_GAP, GAP_SHARE * (now - begun)), LONGEST_GAP))

    def waited(self, name: str) -> None:
        """Measure the last ``until`` under this name: from the answer before it to the one that showed it."""
        self._note(WAIT, name, self._waited, 0)

    def _in_turn(self, step: Step) -> Json:
        document = self._do(step).document
        self._think(monotonic())
        return document

    def _do(self, step: Step, or_else: int | None = None) -> Reply:
        """One step, when it is due. A 2xx or ``or_else`` is an answer, anything else raises ``Refused`` or ``Away``.

        What was not answered is tried again, as a patient person would; the time of all tries counts.
        """
        gevent.sleep(self.pace.wait(monotonic()))
        self.city.figures.lateness.append(self.pace.late(monotonic()))
        give_up = monotonic() + self.city.patience
        while monotonic() < give_up:
            try:
                reply = self._ask(step)
            except Unanswered as error:
                self._failed(step, error)
            else:
                if reply.good or reply.status == or_else:
                    self._note(step.kind, step.name, self.pace.took(monotonic()), reply.size)
                    return reply
                refusal = Refused(step.name, reply.status, reply.code)
                self._failed(step, refusal)
                if reply.status < SERVER_ERROR and reply.status != TOO_MANY:
                    raise refusal
            gevent.sleep(TRY_AGAIN_SECONDS)
        raise Away(f"{step.name} was not answered for {self.city.patience:g} s")

    def _ask(self, step: Step) -> Reply:
        return self.city.deployment.ask(
            step.who, step.service, step.kind, step.path, query=step.query, body=step.body, key=step.key
        )

    def _think(self, now: float) -> None:
        mean = self.city.think
        self.pace.think(now, self.dice.expovariate(1 / mean) if mean else 0.0)

    def _note(self, kind: str, name: str, milliseconds: float, size: int) -> None:
        self.city.figures.times[kind, name].append(milliseconds)
        self.city.told(kind, name, milliseconds, size, None)

    def _failed(self, step: Step, error: Exception) -> None:
        self.city.figures.errors[f"{step.kind} {step.name}: {error}"] += 1
        self.city.told(step.kind, step.name, self.pace.took(monotonic()), 0, error)

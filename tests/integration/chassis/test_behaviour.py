"""Two processes and whatever may happen to them, compared with lists in memory (see model.py).

Commands, repeated requests, events, deadlines and failures are drawn by Hypothesis and go to both processes at once.
Then there must be an order of what happened in which every answer that was given is the right one.
``BEHAVIOUR_EXAMPLES`` makes it a long run with new examples each time, made small where they fail (``make fuzz``).
"""

import asyncio
import os
import random
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import pytest
from asyncpg.pool import Pool
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from chassis.database import open_pool
from chassis.private_data import Vault
from contracts.envelope import decode
from tests.integration.chassis import desks
from tests.integration.chassis.desks import Desk
from tests.integration.chassis.faults import Failure, Faults, faulty_pool
from tests.integration.chassis.model import REUSED, Answer, Ask, Issues, Subjects
from tests.integration.chassis.records import Subject
from tests.integration.chassis.sample import (
    FAR,
    Accept,
    Break,
    Check,
    Close,
    FollowUp,
    Register,
    Ring,
    an_id,
)

EXAMPLES = int(os.environ.get("BEHAVIOUR_EXAMPLES", "0"))
SOON = datetime(2026, 1, 1, tzinfo=UTC)
ISSUES, SUBJECTS, SEQUENCES = 3, 2, 5
LONGEST_PLAN = 8
"""Failures of one process, one after the other. The pauses between tries grow to two seconds: with sixteen of them a
single ``go`` took half of the time after which it counts as stuck, and more than that on a busy machine."""

which = st.integers(0, ISSUES - 1)
plain = st.sampled_from([Register(), Register(SOON), FollowUp(), FollowUp(), Accept(), Check(), Close()])
faulty = st.sampled_from([Break(), FollowUp("\x00")])
keys = st.sampled_from(["k1", "k2", "k3"])
processes = st.integers(0, 1)


class Behaviour(RuleBasedStateMachine):
    """Rules queue up what both processes are then asked at once (``go``)."""

    runner: asyncio.Runner
    pools: list[tuple[Pool, Faults]]
    observer: Pool
    vault: Vault

    @initialize(batches=st.sampled_from([1, 3, 500]), beside=st.sampled_from([1, 50]), begun=st.booleans())
    def begin(self, batches: int, beside: int, begun: bool) -> None:
        self.ids = [an_id() for _ in range(ISSUES)]
        self.events = [Subject() for _ in range(SUBJECTS)]
        self.issues = Issues()
        self.subjects = Subjects(poison={self.events[1].id: 3})
        self.records = {
            (event.id, sequence): self._record(event, sequence)
            for event in self.events
            for sequence in range(1, SEQUENCES + 1)
        }
        self.event_ids = {place: decode(r.key, r.value, r.headers).id for place, r in self.records.items()}
        self.asked: list[tuple[int, str, Ask, str]] = []
        self.given: list[tuple[int, str, int, bool]] = []
        self.answers: dict[str, tuple[str, Answer]] = {}
        self.effective: set[str] = set()
        self.last, self.count = 0, 0
        self.desks = self.runner.run(self._open(batches, beside))
        for issue in range(ISSUES) if begun else ():
            self.command(issue % 2, issue, Register(), None)

    async def _open(self, batches: int, beside: int) -> list[Desk]:
        return [Desk(pool, faults, self.vault, batches, beside) for pool, faults in self.pools]

    def _record(self, event: Subject, sequence: int) -> Any:
        if sequence == self.subjects.poison.get(event.id):
            return event.poison(sequence)
        return event.accepted(1) if sequence == 1 else event.reminded(sequence)

    def _ask(self, process: int, ask: Ask, key: str | None = None) -> None:
        self.count += 1
        key = f"{key}/{self.ids[0]}" if key else f"{self.count}/{self.ids[0]}"
        self.asked.append((process, f"{key} {ask.body}"[:2000], ask, key))

    @rule(process=processes, issue=which, command=plain, expected=st.none() | st.integers(0, 4))
    def command(self, process: int, issue: int, command: Any, expected: int | None) -> None:
        self._ask(process, Ask(((self.ids[issue], command),), expected))

    @rule(process=processes, issue=which, command=faulty)
    def defect(self, process: int, issue: int, command: Any) -> None:
        self._ask(process, Ask(((self.ids[issue], command),)))

    @rule(key=keys, issue=which, command=plain, times=st.lists(processes, min_size=1, max_size=3))
    def repeated(self, key: str, issue: int, command: Any, times: list[int]) -> None:
        for process in times:
            self._ask(process, Ask(((self.ids[issue], command),)), key)

    @rule(process=processes, first=which, second=which, command=plain)
    def together(self, process: int, first: int, second: int, command: Any) -> None:
        if first != second:
            self._ask(process, Ask(((self.ids[first], Check()), (self.ids[second], command))))

    @rule(first=which, second=which)
    def crossed(self, first: int, second: int) -> None:
        """Each closes one if the other is open: only one of them can have its way."""
        self.go()
        for process, (looked_at, closed) in enumerate([(first, second), (second, first)]):
            if first != second:
                self._ask(process, Ask(((self.ids[looked_at], Check()), (self.ids[closed], Close()))))
        self.go()

    @rule(issue=which, due=st.sampled_from([SOON, FAR]), times=st.lists(processes, min_size=1, max_size=3))
    def deadline(self, issue: int, due: datetime, times: list[int]) -> None:
        for process in times:
            self._ask(process, Ask(((self.ids[issue], Ring("triage")),), due_at=due))

    @rule(
        process=processes, subject=st.integers(0, SUBJECTS - 1), sequence=st.integers(1, SEQUENCES), copy=st.booleans()
    )
    def event(self, process: int, subject: int, sequence: int, copy: bool) -> None:
        """An event comes: perhaps again, perhaps too early, perhaps published twice."""
        self.given.append((process, self.events[subject].id, sequence, copy))

    @rule(subject=st.integers(0, SUBJECTS - 1), upto=st.integers(1, SEQUENCES), order=st.randoms(use_true_random=False))
    def events_at_both(self, subject: int, upto: int, order: random.Random) -> None:
        """A rebalance: the old owner still has what the new one gets, too."""
        for process in (0, 1):
            for sequence in range(1, upto + 1):
                if order.random() < 0.8:
                    self.event(process, subject, sequence, False)

    @rule(process=processes, after=st.integers(0, 8), failure=st.sampled_from(Failure))
    def failure(self, process: int, after: int, failure: Failure) -> None:
        if len(self.desks[process].faults.planned) < LONGEST_PLAN:
            self.desks[process].faults.plan(after, failure)

    @rule()
    def discard(self) -> None:
        """An operator gives up the poison."""
        for subject, sequence in self.subjects.poison.items():
            if self.subjects.handled(subject) == sequence - 1 and sequence in self.subjects.waiting(subject):
                self.runner.run(desks.discard(self.observer, subject, sequence))
                self.subjects.discarded.add(subject)

    @rule()
    def go(self) -> None:
        """Ask everything at once, and look."""
        self.runner.run(self._go())

    def teardown(self) -> None:
        if hasattr(self, "desks"):
            try:
                self.go()
            finally:
                self.runner.run(self._stop())

    async def _stop(self) -> None:
        for desk in self.desks:
            desk.faults.planned.clear()
            await desk.stop()

    async def _go(self) -> None:
        asked, given = self.asked, self.given
        self.asked, self.given = [], []
        answers = [self.desks[process].ask(actor, ask, key) for process, actor, ask, key in asked]
        arrivals = []
        for process, subject, sequence, copy in given:
            record = self.records[subject, sequence]
            arrivals.append(
                self.desks[process].deliver(record._replace(offset=record.offset + 1_000_000) if copy else record)
            )
            self.subjects.delivered.setdefault(subject, set()).add(sequence)
        async with asyncio.timeout(30):
            told, _ = await asyncio.gather(asyncio.gather(*answers), asyncio.gather(*arrivals))
        await desks.drain(self.desks)
        for desk in self.desks:
            desk.faults.planned.clear()
        self._check_answers(
            [(actor, ask, key, one) for (_, actor, ask, key), one in zip(asked, told, strict=True)],
            await desks.history(self.observer, self.ids, self.last),
        )
        shown = {id_: self.issues.shown(id_) for id_, history in self.issues.histories.items() if history}
        assert await desks.rows_of(self.observer, self.ids) == shown
        assert await desks.timers_of(self.observer, self.ids) == self.issues.timers
        await desks.check_subjects(self.observer, self.subjects, self.event_ids)

    def _check_answers(self, told: list[tuple[str, Ask, str, Answer]], happened: list[desks.Happened]) -> None:
        asks = {actor: ask for actor, ask, _, _ in told}
        seen = [self.issues.copy()]
        right: dict[str, Answer] = {}
        for actor in dict.fromkeys(event.actor for event in happened):
            own = [event for event in happened if event.actor == actor]
            assert actor in asks, f"nobody asked: {own}"
            answer, entries = self.issues.ask(asks[actor])
            assert [(event.issue, event.type) for event in own] == entries, (own, entries)
            assert actor not in self.effective, f"twice: {own}"
            self.effective.add(actor)
            if asks[actor].due_at is None:  # a deadline has no key: its answer may tell of a later time
                right[actor] = answer
            seen.append(self.issues.copy())
        for issue, history in self.issues.histories.items():
            versions = [event.version for event in happened if event.issue == issue]
            assert versions == list(range(len(history) - len(versions) + 1, len(history) + 1)), happened
        self.last = max([self.last, *(event.position for event in happened)])
        for actor, ask, key, answer in told:
            if answer != REUSED:
                possible = [right[actor]] if actor in right else [state.ask(ask)[0] for state in map(Issues.copy, seen)]
                assert key in self.answers or answer in possible, (ask, answer, possible)
                assert self.answers.setdefault(key, (ask.body, answer)) == (ask.body, answer), key
        for _, ask, key, answer in told:
            assert (answer == REUSED) is (self.answers[key][0] != ask.body), (ask, answer)


@pytest.fixture(scope="module")
def runner() -> Generator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        yield runner


@pytest.fixture
def machine(runner: asyncio.Runner, migrated: str, vault: Vault) -> Generator[type[Behaviour]]:
    """The machine, on a database of its own."""
    faults = [Faults(), Faults()]
    opened = [(runner.run(faulty_pool(migrated, each)), each) for each in faults]
    observer = runner.run(open_pool(migrated))
    yield type("Machine", (Behaviour,), {"runner": runner, "pools": opened, "observer": observer, "vault": vault})
    for pool in (observer, *(pool for pool, _ in opened)):
        runner.run(pool.close())


@pytest.mark.timeout(0 if EXAMPLES else 300)
def test_whatever_happens_every_answer_was_right(machine: type[Behaviour]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES or 120,
            stateful_step_count=25,
            derandomize=not EXAMPLES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink] if EXAMPLES else [Phase.generate],
        ),
    )
    happened = {failure for _, faults in machine.pools for failure, _ in faults.happened}
    assert happened == set(Failure), "some kind of failure never came"

"""The one way in which anything changes: commands queue, a batch of them becomes one transaction.

Whoever waits is taken along (group commit). All answers, refusals too, are given after the commit, because B may
have been refused on account of A. When many wait, a second transaction for other subjects and aggregates runs beside
the first, so that one batch is decided while the database writes the other (docs/adr/0012). An outage is waited out
with the batch in hand; a batch that the database refuses for its data is split until the culprit is alone.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from time import perf_counter

import asyncpg
import structlog
from asyncpg.pool import Pool
from opentelemetry.trace import Span

from chassis import inbox, metrics, spans, store
from chassis.aggregate import Written
from chassis.arrivals import Arrivals
from chassis.backoff import Backoff
from chassis.database import DATABASE_ERRORS
from chassis.errors import ProblemError, Unavailable
from chassis.health import CheckResult
from chassis.inbox import StaleCursor
from chassis.private_data import Vault
from chassis.replies import Replies, Reply
from chassis.session import Session
from chassis.store import StaleRow
from chassis.waiting import Waiting
from chassis.work import Fault, Work
from chassis.writes import Writes
from contracts.rejected import Rejected

log = structlog.get_logger()

TRANSIENT = (*DATABASE_ERRORS, StaleRow, StaleCursor)
"""The database is away, is not as it should be yet, or somebody else was in the way: the same can succeed later."""
_UNSTORABLE = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    ValueError,  # what asyncpg raises, among other things, for a value that it cannot encode
)
"""Of those, what no later try can mend: the data are at fault."""
_LONGEST_PAUSE = 2.0  # seconds; recovery after an outage is noticed within this
LANES = 2  # transactions at a time: one is decided while the other is written; more would only wait for a processor
_HEAD_START = 4
"""Turns of the loop between commit and answers, in which the relay hands the events to the broker, which takes it
three: many are answered at once, each has its answer to write, and the events would wait for all of them."""
_STRETCH = 50  # works; meanwhile the other lane's transaction waits for its next statement


class Pipeline:
    """Takes work from HTTP, consumer and deadlines; what touches the same things is done in the order it came.

    ``pool`` should have ``LANES`` connections. A second transaction begins when ``beside`` works wait. What nobody has
    asked for over HTTP begins no sooner than ``gather`` seconds after the last transaction.
    """

    def __init__(
        self,
        pool: Pool,
        vault: Vault,
        *,
        journal: bool = False,
        max_batch: int = 500,
        beside: int = 50,
        gather: float = 0.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._pool = pool
        self._vault = vault
        self.journal = journal
        self.when_recorded: list[Callable[[Session], None]] = []
        """Called after each commit of events."""
        self._max_batch = max_batch
        self._clock = clock
        self._waiting = Waiting(beside, gather)
        self._waited_out: dict[int, str] = {}
        """What keeps the batch in hand from being committed, by lane."""

    def submit(self, work: Work) -> "asyncio.Future[list[Written]]":
        """Queue ``work``; the future resolves after its commit, or raises what refused it."""
        self._waiting.put(work)
        return work.result

    async def run(self) -> None:
        """Work for ever; cancel to stop. What is queued then is refused, not lost: nobody was told it was done."""
        try:
            async with asyncio.TaskGroup() as lanes:
                for lane in range(LANES):
                    lanes.create_task(self._work(lane))
        finally:
            for work in self._waiting.drain():
                work.refuse(Unavailable())

    async def _work(self, lane: int) -> None:
        while True:
            batch = await self._waiting.take(self._max_batch)
            try:
                await self._commit(lane, batch.works)
            finally:
                self._waited_out.pop(lane, None)
                self._waiting.release(batch)

    async def check(self) -> CheckResult:
        """Ready while no transaction has to be tried again; that another one succeeds mends nothing."""
        error = next(iter(self._waited_out.values()), None)
        return CheckResult(error is None, {"waiting": len(self._waiting), "error": error})

    async def _commit(self, lane: int, batch: list[Work]) -> None:
        started = perf_counter()
        backoff = Backoff(0.01, _LONGEST_PAUSE)
        look_up = False  # hardly any request is a repeated one; whether it was shows when its answer is stored
        while batch := [work for work in batch if not work.abandoned]:
            try:
                replies = await self._transact(batch, look_up)
            except store.KeyTaken:
                look_up = True
            except Exception as error:
                if not isinstance(error, TRANSIENT) or isinstance(error, _UNSTORABLE):
                    await self._isolate(lane, batch, error)
                    return
                self._waited_out[lane] = type(error).__name__
                log.warning("transaction.retried", error=self._waited_out[lane], batch=len(batch))
                look_up = True  # it may have been committed all the same
                await backoff.pause()
            else:
                self._waited_out.pop(lane, None)
                self._answer(batch, replies, perf_counter() - started)
                return

    async def _isolate(self, lane: int, batch: list[Work], error: Exception) -> None:
        """Find the work that the database cannot take, the left half first, so that order is kept."""
        if len(batch) > 1:
            middle = len(batch) // 2
            await self._commit(lane, batch[:middle])
            await self._commit(lane, batch[middle:])
            return
        (work,) = batch
        log.error("work.impossible", error=type(error).__name__, actor=work.actor)
        if work.arrival is None:
            work.refuse(error)
        elif work.arrival.fault is not None:  # even as a letter it cannot be stored: stop rather than lose it
            work.refuse(error)
            raise error
        else:
            work.arrival = work.arrival._replace(fault=Fault("data", type(error).__name__))
            work.to = ()
            await self._commit(lane, [work])

    async def _transact(self, batch: list[Work], look_up: bool) -> list[Reply]:
        with ExitStack() as stack:
            spans.start_batch(stack, batch)
            async with self._pool.acquire() as conn, conn.transaction():
                now = self._clock()
                requests = [work.request for work in batch if work.request and look_up]
                replies = Replies(await store.known_answers(conn, requests))
                cursors = await inbox.lock(conn, [work.arrival for work in batch if work.arrival])
                arrivals = Arrivals(cursors, self.journal)
                session = Session(await store.load(conn, [(t.aggregate, t.id) for w in batch for t in w.to]), now)
                result: list[Reply] = []
                for work in batch:
                    reply = replies.earlier(work)
                    if reply is None:
                        span, hop = spans.start_work(stack, work, session.origin(work))
                        reply = _decide(work, span, hop, session, arrivals)
                        replies.give(work, reply)
                    if not look_up and work.request and _is_defect(reply):
                        raise store.KeyTaken  # perhaps: it may have been answered before its rule broke
                    result.append(reply)
                    if len(result) % _STRETCH == 0:
                        await asyncio.sleep(0)
                writes = Writes()
                store.save(writes, session, self._vault)
                arrivals.save(writes)
                store.store_answers(writes, replies.to_store(session), now)
                await writes.run(conn)
                await arrivals.save_letters(conn, now)
        if session.events:
            for tell in self.when_recorded:
                tell(session)
            for _ in range(_HEAD_START):
                await asyncio.sleep(0)
        return result

    def _answer(self, batch: Sequence[Work], replies: Sequence[Reply], seconds: float) -> None:
        metrics.PIPELINE_BATCH_SIZE.observe(len(batch))
        counted: Counter[tuple[str, str]] = Counter()
        for work, reply in zip(batch, replies, strict=True):
            outcome = "done" if isinstance(reply, list) else "refused"
            for name in {to.aggregate.name for to in work.to} or ("none",):
                counted[name, outcome] += 1
            if isinstance(reply, list):
                work.resolve(reply)
            else:
                work.refuse(reply)
        for (name, outcome), number in counted.items():
            metrics.COMMANDS_TOTAL.labels(name, outcome).inc(number)
            took = metrics.COMMAND_HANDLE_SECONDS.labels(name)
            for _ in range(number):
                took.observe(seconds)


def _is_defect(reply: Reply) -> bool:
    return isinstance(reply, Exception) and not isinstance(reply, Rejected | ProblemError)


def _decide(work: Work, span: Span, hop: str, session: Session, arrivals: Arrivals) -> Reply:
    arrival = work.arrival
    origin = (arrival.envelope.traceparent if arrival and arrival.envelope else None) or hop
    written: list[Written] = []
    try:
        if arrival is None:
            return session.run(work, origin, hop)
        arrivals.handle(work, arrival, lambda: written.extend(session.run(work, origin, hop)))
    except (Rejected, ProblemError) as refusal:
        span.set_attribute("qingcheng.refused", getattr(refusal, "code", type(refusal).__name__))
        return refusal
    except Exception as error:  # a defect of one command is that command's answer, not the batch's end
        log.exception("command.defect", actor=work.actor, commands=[type(to.command).__name__ for to in work.to])
        span.set_attribute("qingcheng.defect", type(error).__name__)
        return error
    return written

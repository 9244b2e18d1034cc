"""`check` finds what is not as it should be, and nothing else; it changes nothing."""

from collections import Counter
from pathlib import Path

from asyncpg.pool import Pool

from chassis import schema
from chassis.aggregate import To
from chassis.check import Checker
from chassis.findings import WHAT_TO_DO, Findings
from chassis.reader import Reader
from tests.integration.chassis.process import Process
from tests.integration.chassis.records import Subject
from tests.integration.chassis.requests import a_request
from tests.integration.chassis.sample import FollowUp, Register, an_id, issues, orders, reactions

HEADS = schema.heads([schema.CHASSIS_REVISIONS, Path(__file__).parent / "migrations"])
DAMAGE = {
    "history.gap": "DELETE FROM events WHERE id = $1::text::uuid AND version = 2",
    "history.version": "UPDATE issues SET version = 7 WHERE id = $1::text::uuid",
    "history.missing": "DELETE FROM events WHERE id = $1::text::uuid",
    "history.row_missing": "DELETE FROM issues WHERE id = $1::text::uuid",
    "history.unreadable": "UPDATE events SET data = '{}' WHERE id = $1::text::uuid AND version = 2",
    "history.future": "UPDATE events SET recorded_at = now() + interval '2h' WHERE version = 2 AND id = $1::text::uuid",
    "state.unreadable": 'UPDATE issues SET state = \'{"follow_ups": "many"}\' WHERE id = $1::text::uuid',
    "state.differs": "UPDATE issues SET state = jsonb_set(state, '{follow_ups}', '9') WHERE id = $1::text::uuid",
    "deadlines.missing": "DELETE FROM deadlines WHERE id = $1::text::uuid",
    "deadlines.orphan": "INSERT INTO deadlines VALUES ('issue', $1::text::uuid, 'invented', now() + interval '1 day')",
    "outbox.late": """
        UPDATE events SET published_at = NULL, recorded_at = now() - '1 day'::interval
        WHERE id = $1::text::uuid AND version = 2""",
    "outbox.overtaken": "UPDATE events SET published_at = NULL WHERE id = $1::text::uuid AND version = 2",
    "inbox.parked_without_letters": "INSERT INTO inbox VALUES ('/intake', $1, 1, 1, true)",
    "inbox.letters_without_park": """
        INSERT INTO dead_letters
            (id, topic, partition, record_offset, headers, source, subject, sequence, reason, error, created_at)
        VALUES ($1::text::uuid, 't', 0, 1, '[]', '/intake', $1, 1, 'gap', '', now())""",
    "answers.old": "UPDATE idempotency_keys SET created_at = now() - interval '9 days' WHERE key <> $1",
    "publisher.rows": "INSERT INTO publisher SELECT 1 WHERE $1 <> ''",
    "history.unknown_aggregate": "INSERT INTO deadlines VALUES ('invented', $1::text::uuid, 'invented', now())",
}
"""Finding -> how to bring it about in the life of one issue."""


def checker(pool: Pool) -> Checker:
    return Checker(pool, [issues, orders], HEADS, max_age=60, key_days=7)


async def live(process: Process, pool: Pool) -> str:
    """The id of an issue with three events that are published, one of them under a key."""
    issue = an_id()
    await process.execute(issues, issue, Register())
    await process.submit(To(issues, issue, FollowUp()), request=a_request())
    await process.execute(issues, issue, FollowUp())
    await pool.execute("UPDATE events SET published_at = now()")
    return issue


def where(findings: Findings, place: str) -> set[str]:
    return {finding.code for finding in findings.kept if place in finding.where}


async def test_a_sound_database_has_nothing_to_find(process: Process, pool: Pool) -> None:
    subject = Subject()
    await live(process, pool)
    await process.deliver(Reader(reactions, ""), subject.accepted(1), subject.poison(2), subject.reminded(3))
    findings = await checker(pool).run(shown=5)
    assert findings.counts == Counter()
    assert (findings.aggregates, findings.events, findings.complete) == (2, 4, True)


async def test_each_kind_of_damage_is_found_where_it_is(process: Process, pool: Pool) -> None:
    victims = {code: await live(process, pool) for code in DAMAGE}
    for code, damage in DAMAGE.items():
        await pool.execute(damage, victims[code])
    findings = await checker(pool).run(shown=100)
    everywhere = {finding.code: finding.where for finding in findings.kept}
    assert everywhere["answers.old"] == "idempotency_keys"
    assert everywhere["outbox.late"] == "events"
    assert everywhere["publisher.rows"] == "publisher"
    assert everywhere["history.unknown_aggregate"] == "invented"
    for code in DAMAGE.keys() - {"answers.old", "outbox.late", "publisher.rows", "history.unknown_aggregate"}:
        assert where(findings, victims[code]) == {code}, code
    assert set(findings.counts) == set(DAMAGE)


async def test_of_many_findings_the_first_are_shown_and_all_counted(process: Process, pool: Pool) -> None:
    for _ in range(5):
        await live(process, pool)
    await pool.execute("DELETE FROM deadlines")
    findings = await checker(pool).run(shown=2)
    assert (findings.counts["deadlines.missing"], len(findings.kept)) == (5, 2)
    assert all(WHAT_TO_DO["deadlines.missing"] in str(finding) for finding in findings.kept)


async def test_what_there_was_no_time_for_is_said(process: Process, pool: Pool) -> None:
    for _ in range(3):
        await live(process, pool)
    findings = await checker(pool).run(shown=1, patience=0)
    assert (findings.complete, findings.aggregates) == (False, 1)


async def test_an_older_schema_is_all_that_is_said_of_it(pool: Pool) -> None:
    await pool.execute("DELETE FROM alembic_version WHERE version_num = 'chassis_0002'")
    findings = await checker(pool).run(shown=1)
    assert findings.counts == Counter({"schema.behind": 1})

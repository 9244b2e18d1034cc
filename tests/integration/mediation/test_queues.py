"""工作队列 of the centre: rows, counts and the next item come of one condition; a mediator sees their own."""

import asyncio
from typing import Any

import asyncpg
import httpx

from tests.integration.mediation.centre import Centre, done


async def summaries(person: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    return {queue["name"]: queue for queue in (await done(person.get("/v1/queues")))["items"]}


async def walk(person: httpx.AsyncClient, name: str, **query: str) -> list[dict[str, Any]]:
    """Every row of a queue, two a page."""
    rows: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await done(person.get(f"/v1/queues/{name}", params={"limit": 2, **query, **cursor}))
        rows += page["items"]
        if page["next_cursor"] is None:
            return rows
        cursor = {"cursor": page["next_cursor"]}


async def test_rows_and_counts_are_the_same_and_sorted_by_time_left(centre: Centre) -> None:
    cases = [await centre.walk_in() for _ in range(3)]
    await centre.in_mediation()
    for name, summary in (await summaries(centre.clerk)).items():
        rows = await walk(centre.clerk, name)
        assert summary["total"] == len(rows) == len({row["id"] for row in rows}), name
        assert summary["overdue"] == sum(row["is_overdue"] for row in rows), name
        assert [row["due_at"] for row in rows] == sorted(row["due_at"] for row in rows), name
    assert set(cases) <= {row["id"] for row in await walk(centre.clerk, "door", status="registered")}
    assert await walk(centre.clerk, "door", origin="court") == []


async def test_a_mediator_sees_their_own_and_supervisors_what_is_late(centre: Centre) -> None:
    case_id, _ = await centre.in_mediation()
    assert set(await summaries(centre.mediator)) == {"mediating"}
    assert case_id in [row["id"] for row in await walk(centre.mediator, "mediating")]
    assert case_id not in [row["id"] for row in await walk(centre.other_mediator, "mediating")]
    assert case_id in [row["id"] for row in await walk(centre.clerk, "mediating", mediator="M1")]
    hidden = await centre.mediator.get("/v1/queues/door")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "queue.not_found")
    assert "late" in await summaries(centre.supervisor)
    assert "late" not in await summaries(centre.clerk)


async def test_what_is_late_is_in_the_supervisors_queue(centre: Centre) -> None:
    case_id = await centre.walk_in()
    connection = await asyncpg.connect(centre.service.database_url)
    await connection.execute(
        """
        UPDATE cases SET state = jsonb_set(jsonb_set(state, '{late}', state->'timers'), '{timers}', '{}')
        WHERE id = $1::text::uuid
        """,
        case_id,
    )
    await connection.close()
    assert case_id in [row["id"] for row in await walk(centre.supervisor, "late")]


async def test_two_clerks_never_get_the_same_case(centre: Centre) -> None:
    for _ in range(3):
        await centre.walk_in()
    answers = await asyncio.gather(*(centre.clerk.post("/v1/queues/door/next") for _ in range(3)))
    taken = [answer.json()["item"]["id"] for answer in answers if answer.is_success]
    assert len(taken) == len(set(taken)) == 3
    for claim in (await done(centre.clerk.get("/v1/claims")))["items"]:
        await done(centre.clerk.post(f"/v1/claims/{claim['id']}/release"))
    looking = await centre.supervisor.post("/v1/queues/door/next")
    assert (looking.status_code, looking.json()["code"]) == (403, "queue.looking_only")


ON_TIME = """
INSERT INTO cases (id, version, state, updated_at)
SELECT gen_random_uuid(), 1, '{"status": "archived", "late": {}}', now() FROM generate_series(1, 5000)
"""
"""So many that it matters which index is taken: with a handful that depends on when statistics were last made."""


async def test_the_queue_of_what_is_late_goes_by_an_index(centre: Centre) -> None:
    connection = await asyncpg.connect(centre.service.database_url)
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(ON_TIME)
        await connection.execute("ANALYZE cases")
        plan = await connection.fetch(
            "EXPLAIN SELECT id FROM cases WHERE state->'late' <> '{}' ORDER BY case_due(state), id LIMIT 10"
        )
        await transaction.rollback()
    finally:
        await connection.close()
    assert "cases_late" in "\n".join(row[0] for row in plan)

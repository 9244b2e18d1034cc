"""Reference data in a real database: versions, days, all or nothing, and the cache that follows."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import date, timedelta
from pathlib import Path

import asyncpg
import pytest

from chassis.reference import (
    REFERENCE_DDL,
    Loaded,
    ReferenceCache,
    ReferenceMissing,
    Tables,
    VersionTaken,
    load_directory,
    load_reference,
    tables_of,
    today,
    version_in_force,
)
from chassis.tables import BadTable, Checks
from services.router import reference_tables as router

DAY = date(2026, 1, 1)
ONE = {"colours": [{"code": "1", "name": "青"}], "shapes": [{"code": "a", "name": "城"}]}
TWO = {"colours": [{"code": "1", "name": "蓝"}], "shapes": [{"code": "a", "name": "城"}]}


@pytest.fixture
async def pool(database: str) -> AsyncGenerator["asyncpg.Pool[asyncpg.Record]"]:
    async with asyncpg.create_pool(database, min_size=0, max_size=3) as pool:
        await pool.execute(REFERENCE_DDL)
        yield pool


async def load(
    pool: "asyncpg.Pool[asyncpg.Record]", rows: dict[str, list[dict[str, str]]], version: str | None, day: date = DAY
) -> Loaded:
    async with pool.acquire() as conn:
        return await load_reference(conn, rows, version, day)


def name_of_colour(version: str, tables: Tables) -> str:
    checks = Checks()
    checks.known(tables["colours"], "name", {"青", "蓝"}, "colour")
    checks.done()
    return f"{version}:{tables['colours'].rows[0].values['name']}"


async def count(pool: "asyncpg.Pool[asyncpg.Record]") -> int:
    found: int = await pool.fetchval("SELECT count(*) FROM reference")
    return found


async def test_the_same_content_is_the_same_version(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    first = await load(pool, ONE, "v1")
    assert first == Loaded("v1", changed=True)
    assert await load(pool, ONE, "v2", DAY + timedelta(days=1)) == Loaded("v1", changed=False)
    assert await count(pool) == 2
    async with pool.acquire() as conn:
        tables = await tables_of(conn, "v1")
    assert {kind: table.values() for kind, table in tables.items()} == ONE


async def test_a_version_that_exists_is_not_overwritten(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    await load(pool, ONE, "v1")
    with pytest.raises(VersionTaken, match="v1"):
        await load(pool, TWO, "v1")
    assert await count(pool) == 2


async def test_a_version_without_a_name_is_named_after_day_and_content(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    one, two = await load(pool, ONE, None), await load(pool, TWO, None)
    assert one.version.startswith("20260101-")
    assert two.version.startswith("20260101-")
    assert one.version != two.version


async def test_the_latest_version_whose_day_has_come_is_in_force(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    await load(pool, ONE, "v1", DAY)
    await load(pool, TWO, "v2", DAY + timedelta(days=10))
    async with pool.acquire() as conn:
        days = [DAY - timedelta(days=1), DAY, DAY + timedelta(days=9), DAY + timedelta(days=10)]
        assert [await version_in_force(conn, day) for day in days] == [None, "v1", "v1", "v2"]


async def test_going_back_to_earlier_content_is_a_new_version(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    await load(pool, ONE, "v1")
    await load(pool, TWO, "v2")
    assert await load(pool, ONE, "v3") == Loaded("v3", changed=True)
    async with pool.acquire() as conn:
        assert await version_in_force(conn, DAY) == "v3"


async def test_two_who_load_at_once_write_one_version(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    loaded = await asyncio.gather(*(load(pool, ONE, "v1") for _ in range(3)))
    assert sorted(one.changed for one in loaded) == [False, False, True]
    assert await count(pool) == 2


async def test_the_projects_files_load_and_come_back_whole(database: str, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    loaded = await load_directory(database, router.DIRECTORY, router.read, router.build)
    assert loaded.changed
    assert await load_directory(database, router.DIRECTORY, router.read, router.build) == Loaded(loaded.version, False)
    cache = ReferenceCache(pool, router.build)
    assert await cache.refresh()
    assert cache.current == router.build(loaded.version, router.read(router.DIRECTORY))


async def test_a_bad_file_loads_nothing(database: str, pool: "asyncpg.Pool[asyncpg.Record]", tmp_path: Path) -> None:
    for source in router.DIRECTORY.glob("*.csv"):
        (tmp_path / source.name).write_text(source.read_text(encoding="utf-8").replace(",urgent,", ",soon,"))
    with pytest.raises(BadTable, match=r"catalogue\.csv, line 2, column urgency"):
        await load_directory(database, tmp_path, router.read, router.build)
    assert await count(pool) == 0


async def test_a_cache_follows_what_is_loaded(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    cache = ReferenceCache(pool, name_of_colour, every_seconds=0.01)
    with pytest.raises(ReferenceMissing, match="load-reference"):
        _ = cache.current
    await load(pool, ONE, "v1", today())
    assert await cache.refresh()
    assert not await cache.refresh()
    assert (cache.version, cache.current) == ("v1", "v1:青")
    running = asyncio.create_task(cache.run())
    try:
        await load(pool, {**TWO, "colours": [{"code": "1", "name": "灰"}]}, "bad", today())
        await load(pool, TWO, "v2", today())
        for _ in range(1000):
            if cache.version == "v2":
                break
            await asyncio.sleep(0.01)
        assert cache.current == "v2:蓝"
    finally:
        running.cancel()


async def test_a_version_that_breaks_a_rule_is_not_taken(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    cache = ReferenceCache(pool, name_of_colour)
    await load(pool, ONE, "v1", today())
    await cache.refresh()
    await load(pool, {**TWO, "colours": [{"code": "1", "name": "灰"}]}, "v2", today())
    with pytest.raises(BadTable, match="colours of version v2, line 1, column name: there is no colour '灰'"):
        await cache.refresh()
    assert cache.current == "v1:青"

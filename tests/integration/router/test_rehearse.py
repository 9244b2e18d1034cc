"""``rehearse`` as an operator types it: past orders through changed data, and nothing written."""

import json
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import asyncpg
import pytest

from chassis.settings import load
from services.router import reference_tables
from services.router.rehearse import reading
from services.router.settings import RouterSettings
from tests.integration.router.order_desk import LOCALITY_ITEM, PREPARE, STREET
from tests.integration.router.past_orders import make_past, was_late
from tests.running import Infrastructure, Running, running

ORDERS = 900  # more than a page
FROM = ("--from", "2026-03-01", "--to", "2026-03-31")
_CONTENT = "SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {} t"


@pytest.fixture(scope="module")
async def service(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Running]:
    logs = tmp_path_factory.mktemp("router")
    async with running("router", infrastructure, logs, prepare=PREPARE) as service:
        conn = await asyncpg.connect(service.database_url)
        await make_past(conn, ORDERS)
        await conn.close()
        yield service


async def content(service: Running) -> dict[str, str]:
    """A digest of every table's rows; the answers and figures of other work do not stand still, and are not ours."""
    conn = await asyncpg.connect(service.database_url)
    try:
        tables = await conn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return {table: await conn.fetchval(_CONTENT.format(table)) for (table,) in tables}
    finally:
        await conn.close()


def changed(folder: Path, old: str, new: str) -> Path:
    """The catalogue with another row for the locality item."""
    file = Path(shutil.copy(reference_tables.DIRECTORY / "catalogue.csv", folder))
    text = file.read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith(f"{LOCALITY_ITEM},"))
    assert old in row
    file.write_text(text.replace(row, row.replace(old, new)), encoding="utf-8")
    return file


async def test_who_would_have_got_the_orders_by_a_changed_catalogue(service: Running, tmp_path: Path) -> None:
    file = changed(tmp_path, ",locality,", ",sector,")
    before = await content(service)
    answer = await service.ask("rehearse", "--rules", str(file), *FROM, "--json")
    assert answer.code == 0, answer.err
    said = json.loads(answer.out)
    assert said["orders"] == ORDERS
    third = ORDERS // 3
    assert {turn: count for turn, count in said["routing"].items() if count} == {
        "elsewhere": third,
        "unchanged": third,
        "other_than_dispatcher": third,
    }
    sector = reference_tables.build("x", reference_tables.read(reference_tables.DIRECTORY)).items[LOCALITY_ITEM]
    for pair in said["pairs"]:
        assert (pair["from"], pair["to"], pair["count"]) == ([STREET], [sector.sector_unit], third)
        assert len(set(pair["examples"])) == 5
    assert await content(service) == before, "nothing was written"


async def test_who_would_have_been_late_by_changed_limits_of_the_catalogue(service: Running, tmp_path: Path) -> None:
    file = changed(tmp_path, ",7,", ",100,")
    said = json.loads((await service.ask("rehearse", "--rules", str(file), *FROM, "--json")).out)
    assert said["result"]["late_no_more"] == sum(map(was_late, range(ORDERS))) > 0
    assert said["result"]["newly_late"] == said["result"]["late_both"] == 0
    assert len(said["result"]["late_no_more_examples"]) == 5
    file = changed(tmp_path, ",7,", ",1,")
    shorter = json.loads((await service.ask("rehearse", "--rules", str(file), *FROM, "--json")).out)
    assert shorter["result"]["late_both"] == said["result"]["late_no_more"]
    assert shorter["result"]["newly_late"] > 0


async def test_only_limits_can_be_rehearsed_and_people_read_chinese(service: Running, tmp_path: Path) -> None:
    file = tmp_path / "limits.toml"
    file.write_text("[calendar]\nsource = 'test'\nalways_open = true\nhours_per_day = 1\n", encoding="utf-8")
    answer = await service.ask("rehearse", "--limits", str(file), *FROM)
    assert answer.code == 0, answer.err
    assert f"工单 {ORDERS} 个，没有改动任何数据" in answer.out
    assert "将变为逾期" in answer.out
    assert "改派" not in answer.out, "where they go is not touched by limits"


async def test_bad_files_and_nothing_to_rehearse_are_refused(service: Running, tmp_path: Path) -> None:
    nothing = await service.ask("rehearse", *FROM)
    assert (nothing.code, nothing.out) == (2, "")
    assert "--rules" in nothing.err
    file = changed(tmp_path, ",locality,", ",nobody,")
    bad = await service.ask("rehearse", "--rules", str(file), *FROM)
    assert bad.code == 1
    assert "column lead" in bad.err
    other = tmp_path / "other.csv"
    other.write_text("code\n", encoding="utf-8")
    assert "must be called" in (await service.ask("rehearse", "--rules", str(other), *FROM)).err
    limits = tmp_path / "limits.toml"
    limits.write_text("[limits.nobody]\n", encoding="utf-8")
    assert (await service.ask("rehearse", "--limits", str(limits), *FROM)).code == 1


async def test_a_write_in_a_rehearsal_would_fail(service: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in service.env.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with reading(load(RouterSettings)) as conn:
            await conn.execute("DELETE FROM events")

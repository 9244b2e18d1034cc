"""``recompute-limits`` as an operator types it, after the notice of a year has been loaded into every process."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg

from chassis.limits import load_limits
from chassis.working_time import Limit, Unit
from services.router import aggregates
from tests.integration.router.order_desk import PREPARE, STREET, desk_of, done
from tests.polling import eventually
from tests.running import Infrastructure, Running, running

DEFAULT = Path(aggregates.__file__).parent / "limits.toml"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def notice(folder: Path, *free: date) -> Path:
    """A limits file over the default one, in which these days are free."""
    file = folder / "limits.toml"
    days = "\n".join(f"{day.isoformat()} = false" for day in free)
    file.write_text(f"[calendar.changes]\n{days}\n", encoding="utf-8")
    return file


async def published(service: Running, order_id: str) -> bool:
    connection = await asyncpg.connect(service.database_url)
    try:
        waiting: int = await connection.fetchval(
            "SELECT count(*) FROM events WHERE id = $1::text::uuid AND published_at IS NULL", order_id
        )
    finally:
        await connection.close()
    return waiting == 0


async def test_open_orders_are_recounted_once_every_process_has_the_notice(
    infrastructure: Infrastructure, tmp_path: Path
) -> None:
    today = datetime.now(SHANGHAI).date()
    file = notice(tmp_path, *(today + timedelta(days=ahead) for ahead in range(15)))
    async with running("router", infrastructure, tmp_path, prepare=PREPARE) as service:
        async with desk_of(service) as desk:
            order = await desk.signed()
            finished = await desk.signed()
            await desk.handled(finished["id"])
            early = await service.ask("recompute-limits", LIMITS_FILE=str(file))
            assert (early.code, early.out) == (2, "")
            assert "重启" in early.err
        await service.stop()
        service.env = {**service.env, "LIMITS_FILE": str(file)}
        await service.start()
        async with desk_of(service) as desk:
            later = await desk.signed()
            dry = await service.ask("recompute-limits", "--dry-run", "--json")
            assert dry.code == 0, dry.err
            said = json.loads(dry.out)
            assert (said["looked_at"], said["moved"], said["promises"], said["dry_run"]) == (3, 2, 1, True)
            assert (await desk.order(order["id"]))["version"] == order["version"], "a dry run changes nothing"

            done_ = await service.ask("recompute-limits", "--json")
            assert done_.code == 0, done_.err
            assert json.loads(done_.out) == said | {"dry_run": False}
            limits = load_limits(DEFAULT, file)
            moved = await desk.order(order["id"])
            (opened, at) = await _dispatched(service, order["id"])
            assert opened == STREET
            right = limits.calendar.add(at, Limit(order["limit_working_days"], Unit.WORKING_DAYS, "test"))
            assert datetime.fromisoformat(moved["obligations"][0]["due"]) == right
            assert datetime.fromisoformat(moved["promised_at"]) == right
            assert right > datetime.fromisoformat(order["promised_at"])
            name, event = (await desk.history("order", order["id"]))[-1]
            assert (name, event["appeals"]) == ("limits_recomputed", order["appeals"])
            assert (await desk.order(later["id"]))["version"] == later["version"], "counted by the notice already"

            again = await service.ask("recompute-limits", "--json")
            assert json.loads(again.out)["moved"] == 0
            await eventually(lambda: published(service, order["id"]))
            checked = await service.ask("check")
            assert checked.code == 0, checked.out
            assert (await done(desk.street.get(f"/v1/orders/{order['id']}")))["version"] == moved["version"]


async def _dispatched(service: Running, order_id: str) -> tuple[str, datetime]:
    connection = await asyncpg.connect(service.database_url)
    try:
        row = await connection.fetchrow(
            "SELECT data->'obligations'->0->>'unit', recorded_at FROM events WHERE id = $1::text::uuid AND version = 2",
            order_id,
        )
    finally:
        await connection.close()
    assert row is not None
    unit, at = row
    return str(unit), at

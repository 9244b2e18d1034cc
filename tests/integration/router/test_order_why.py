"""为什么派到这里: answered by the data of the time, also after the data have changed."""

import shutil
from pathlib import Path
from typing import Any

import httpx

from chassis.ids import new_id
from contracts.codes import MediationOutcome
from contracts.mediation import CaseTerminated
from services.router import reference_tables
from tests.integration.router.order_desk import OTHER, PREPARE, SECTOR, STREET, Desk, desk_of, done
from tests.integration.router.queue_walk import queue
from tests.polling import eventually
from tests.running import Infrastructure, running

NO_HEIR = "S150102003"
"""A street that ends, and nobody takes over."""


async def test_an_order_is_explained_by_the_version_it_was_routed_by(
    infrastructure: Infrastructure, tmp_path: Path
) -> None:
    changed = Path(shutil.copytree(reference_tables.DIRECTORY, tmp_path / "reference"))
    file = changed / "catalogue.csv"
    text = file.read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("0403,"))
    assert ",locality," in row
    file.write_text(text.replace(row, row.replace(",locality,", ",sector,")), encoding="utf-8")
    units = changed / "units.csv"
    text = units.read_text(encoding="utf-8")
    for code, successor in ((OTHER, STREET), (NO_HEIR, "")):
        row = next(line for line in text.splitlines() if line.startswith(f"{code},"))
        assert row.endswith(",,,")
        text = text.replace(row, f"{row[:-3]},,2026-01-31,{successor}")
    units.write_text(text, encoding="utf-8")

    async with running("router", infrastructure, tmp_path, prepare=PREPARE) as service, desk_of(service) as desk:
        first = await desk.accept()
        waiting = await desk.accept(street=None)
        held = await desk.accept(street=OTHER[1:])
        blown = await _with_whistle(desk, held["id"])
        mediated = await _in_mediation(desk)
        old = first["reference_version"]
        await service.run("load-reference", str(changed), "--version", "changed")

        async def taken() -> bool:
            return bool((await done(desk.street.get("/v1/reference")))["version"] == "changed")

        await eventually(taken)
        second = await desk.accept()
        await desk.until(held["id"], lambda order: order["obligations"][0]["unit"] == STREET)
        [duty] = (await desk.order(held["id"]))["obligations"]
        assert duty["due"] == held["obligations"][0]["due"], "with its clock"
        name, event = (await desk.history("order", held["id"]))[-1]
        assert (name, event["by"], event["successor"]) == ("handed_over", "directory", STREET)
        over = {"unit": OTHER, "successor": STREET}
        handed = await done(desk.dispatcher.post(f"/v1/orders/{held['id']}/hand-over", json=over))
        assert [duty["unit"] for duty in handed["obligations"]] == [STREET], "by hand as well, where it has ended"
        await _whistle_is_the_successors(desk, blown)
        await _handed_over_by_hand(desk, mediated)
        assert {held["id"], mediated["id"]} <= {row["id"] for row in await queue(desk.street, "unit")}
        assert await queue(desk.other, "unit") == []
        why = await done(desk.street.get(f"/v1/orders/{first['id']}/why"))
        [step] = why["steps"]
        assert (step["reference_version"], step["rule_zh"], step["by_the_rules"]) == (old, "属地主办", True)
        assert (step["item"]["lead"], step["place"]["street_code"]) == ("locality", STREET[1:])
        assert [unit["unit"] for unit in step["units"]] == [STREET]
        ways = {way["kind"]: way for way in step["alternatives"]}
        assert (ways["locality"]["chosen"], ways["sector"]["chosen"]) == (True, False)
        assert "属地" in ways["sector"]["reason"]

        [now] = (await done(desk.supervisor.get(f"/v1/orders/{second['id']}/why")))["steps"]
        assert (now["reference_version"], now["rule"], now["item"]["lead"]) == ("changed", "sector", "sector")

        body = {"obligations": [{"unit": STREET}], "co_handlers": [SECTOR]}
        ended = await desk.dispatcher.post(
            f"/v1/orders/{waiting['id']}/dispatch", json={"obligations": [{"unit": OTHER}]}
        )
        assert (ended.status_code, ended.json()["code"]) == (422, "order.unit_ended")
        assert STREET in ended.json()["detail"]
        await done(desk.dispatcher.post(f"/v1/orders/{waiting['id']}/dispatch", json=body))
        queued, sent = (await done(desk.dispatcher.get(f"/v1/orders/{waiting['id']}/why")))["steps"]
        assert (queued["reference_version"], queued["rule"], queued["units"]) == (old, None, [])
        assert queued["place"]["code"] is None
        assert {way["kind"]: way["chosen"] for way in queued["alternatives"]}["dispatcher"] is True
        assert (sent["by"], sent["rule_zh"], sent["by_the_rules"]) == ("D1", "派单员指定", False)
        assert "派单员指定" in sent["reasons"][0]
        assert (await desk.other.get(f"/v1/orders/{first['id']}/why")).status_code == 404

        unit = await done(desk.street.get(f"/v1/units/{OTHER}"))
        assert (unit["in_force"], unit["successor"], unit["taken_over_by"]) == (False, STREET, STREET)
        earlier = await done(desk.street.get("/v1/units", params={"kind": "subdistrict", "count": True}))
        today = await done(
            desk.street.get("/v1/units", params={"kind": "subdistrict", "count": True, "on": "2099-01-01"})
        )
        assert (earlier["count"], today["count"]) == (99, 97)


async def _with_whistle(desk: Desk, order_id: str) -> str:
    """The street signs and calls two departments, who have to come at once."""
    await done(desk.other.post(f"/v1/orders/{order_id}/sign"))
    body = {"kind": "emergency", "departments": ["D15010004", "D15010005"]}
    blown: str = (await done(desk.other.post(f"/v1/orders/{order_id}/whistles", json=body)))["whistle_id"]
    return blown


async def _whistle_is_the_successors(desk: Desk, whistle_id: str) -> None:
    async def moved() -> bool:
        return (await desk.street.get(f"/v1/whistles/{whistle_id}")).status_code == httpx.codes.OK

    await eventually(moved)
    assert (await done(desk.street.get(f"/v1/whistles/{whistle_id}")))["street"] == STREET
    assert (await desk.other.get(f"/v1/whistles/{whistle_id}")).status_code == httpx.codes.NOT_FOUND


async def _in_mediation(desk: Desk) -> dict[str, Any]:
    """An order of a street that will end without a successor."""
    order = await desk.accept(street=NO_HEIR[1:])
    async with await desk.service.client("unit_handler", sub="U9", unit=NO_HEIR) as unit:
        await done(unit.post(f"/v1/orders/{order['id']}/sign"))
        return await done(unit.post(f"/v1/orders/{order['id']}/refer"))


async def _handed_over_by_hand(desk: Desk, referred: dict[str, Any]) -> None:
    """Nobody succeeds and no dispatcher can have it during mediation: the rules leave it, a dispatcher says to whom."""
    path = f"/v1/orders/{referred['id']}"
    to_nobody = await desk.dispatcher.post(f"{path}/hand-over", json={"unit": NO_HEIR, "successor": None})
    assert (to_nobody.status_code, to_nobody.json()["code"]) == (409, "order.wrong_status")
    handed = await done(desk.dispatcher.post(f"{path}/hand-over", json={"unit": NO_HEIR, "successor": STREET}))
    before, after = referred["obligations"][0], handed["obligations"][0]
    assert (handed["status"], after["unit"], after["due"]) == ("in_mediation", STREET, before["due"])
    name, event = (await desk.history("order", referred["id"]))[-1]
    assert (name, event["by"], event["unit"], event["successor"]) == ("handed_over", "D1", NO_HEIR, STREET)
    failed = CaseTerminated(order_id=referred["id"], outcome=MediationOutcome.REFUSED, party_id=new_id())
    await desk.hear(referred["case_id"], referred["issue_id"], failed)
    await desk.until(referred["id"], lambda order: order["status"] == "in_progress")
    async with await desk.service.client("unit_handler", sub="U9", unit=NO_HEIR) as before_it:
        assert (await before_it.get(path)).status_code == httpx.codes.NOT_FOUND
    assert (await done(desk.street.post(f"{path}/contact", json={"visit": False})))["status"] == "in_progress"

"""为什么派到这里: answered by the data of the time, also after the data have changed."""

import shutil
from pathlib import Path

from services.router import reference_tables
from tests.integration.order_desk import OTHER, PREPARE, SECTOR, STREET, desk_of, done
from tests.polling import eventually
from tests.running import Infrastructure, running


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
    row = next(line for line in text.splitlines() if line.startswith(f"{OTHER},"))
    assert row.endswith(",,,")
    units.write_text(text.replace(row, f"{row[:-3]},,2026-01-31,{STREET}"), encoding="utf-8")

    async with running("router", infrastructure, tmp_path, prepare=PREPARE) as service, desk_of(service) as desk:
        first = await desk.accept()
        waiting = await desk.accept(street=None)
        held = await desk.accept(street=OTHER[1:])
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
        assert (earlier["count"], today["count"]) == (99, 98)

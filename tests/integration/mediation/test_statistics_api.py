"""Figures of a service of its own, so that nobody else's cases are in them."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.integration.mediation.centre import centre_of, done, signed
from tests.running import Infrastructure, running


async def test_work_of_mediators_and_outcomes_without_people(infrastructure: Infrastructure, tmp_path: Path) -> None:
    async with running("mediation", infrastructure, tmp_path) as service, centre_of(service) as centre:
        agreed = [await centre.in_mediation() for _ in range(5)]
        for case_id, parties in agreed:
            await done(centre.mediator.post(f"/v1/cases/{case_id}/agreement", json=signed(parties)))
        failed, _ = await centre.in_mediation()
        await done(centre.mediator.post(f"/v1/cases/{failed}/failure"))
        await centre.in_mediation()
        refused = await centre.walk_in()
        await done(centre.clerk.post(f"/v1/cases/{refused}/refer-out", json={"guidance": "court"}))

        [own] = (await done(centre.mediator.get("/v1/workload")))["items"]
        assert (own["mediator"], own["cases"], own["open"], own["mediating"], own["sessions"]) == ("M1", 7, 7, 1, 7)
        assert (own["agreed"], own["no_agreement"], own["success_rate"]) == (5, 1, 0.833)
        assert (await done(centre.other_mediator.get("/v1/workload")))["items"] == []
        sheet = await centre.supervisor.get("/v1/workload", headers={"Accept": "text/csv"})
        heading, row = csv.reader(io.StringIO(sheet.content.decode("utf-8-sig")))
        assert (heading[0], row[0]) == ("调解员", "M1")

        table = await done(centre.supervisor.get("/v1/statistics", params={"by": "committee"}))
        assert (table["year"], table["smallest_cell"]) == (datetime.now(ZoneInfo("Asia/Shanghai")).year, 5)
        rows = {row["key"]: row for row in table["items"]}
        assert set(rows) == {"M150105001", "total"}
        assert (rows["total"]["cases"], rows["total"]["agreed"], rows["total"]["no_agreement"]) == (7, 5, None)
        assert rows["total"]["success_rate"] is None, "it would give the hidden count away"
        before = await done(centre.clerk.get("/v1/statistics", params={"year": datetime.now(UTC).year - 2}))
        assert before["items"] == []
        sheet = await centre.clerk.get("/v1/statistics", headers={"Accept": "text/csv"})
        assert "成功率" in sheet.text

"""Parties who join late, guardians and agents, as the centre's people use them; names only where they are needed."""

import asyncpg

from tests.integration.mediation.centre import PARTIES, Centre, done, people
from tests.integration.mediation.test_mediation_api import EVERYTHING_STORED

CHILD = PARTIES[0] | {"capacity": "limited", "name": "小样本"}
AGENT = {"kind": "agent", "name": "李演示", "contact": "13800001003", "authorisation": "授权委托书第七号示例"}


async def test_a_minor_is_represented_and_a_late_party_is_asked_too(centre: Centre) -> None:
    case_id = await centre.walk_in()
    path = f"/v1/cases/{case_id}"
    case = await done(centre.clerk.post(f"{path}/screen", json={"parties": [CHILD, PARTIES[1]]}))
    child, company = (party["party_id"] for party in case["parties"])
    alone = await centre.clerk.post(f"{path}/consents", json={"party_id": child, "agreed": True})
    assert (alone.status_code, alone.json()["code"]) == (422, "case.guardian_required")
    guardian = {"party_id": child, "kind": "guardian", "name": "赵示例", "contact": "13800001001"}
    named = await done(centre.clerk.post(f"{path}/representatives", json=guardian))
    (one,) = named["representatives"]
    assert (one["kind"], one["special"]) == ("guardian", True)
    through = {"party_id": child, "agreed": True, "through": one["representative_id"]}
    await done(centre.clerk.post(f"{path}/consents", json=through))

    unwritten = {key: value for key, value in AGENT.items() if key != "authorisation"} | {"party_id": company}
    refused = await centre.clerk.post(f"{path}/representatives", json=unwritten)
    assert (refused.status_code, refused.json()["code"]) == (422, "case.authorisation_missing")
    await done(centre.clerk.post(f"{path}/representatives", json=AGENT | {"party_id": company}))

    late = {"side": "respondent", "name": "钱样本", "contact": "13800001002"}
    joined = await done(centre.clerk.post(f"{path}/parties", json=late))
    assert [party["consented"] for party in joined["parties"]] == [True, False, False]
    for party in joined["parties"][1:]:
        await done(centre.clerk.post(f"{path}/consents", json={"party_id": party["party_id"], "agreed": True}))
    shown = await people(centre.clerk, case_id, "representatives")
    assert [(one["name"], one["authorisation"]) for one in shown] == [
        ("赵示例", None),
        ("李演示", "授权委托书第七号示例"),
    ]
    masked = (await centre.clerk.get(f"{path}/representatives")).json()
    assert [(one["name"], one["contact"], "authorisation" in one) for one in masked] == [
        ("赵**", "138****1001", False),
        ("李**", "138****1003", False),
    ]
    contacts = await people(centre.clerk, case_id)
    assert [one["name"] for one in contacts] == ["小样本", "示例物业公司", "钱样本"]

    ended = await done(centre.clerk.post(f"{path}/representatives/{shown[1]['representative_id']}/end"))
    assert [one["kind"] for one in ended["representatives"]] == ["guardian"]
    assert [one["name"] for one in await people(centre.clerk, case_id, "representatives")] == ["赵示例"]
    given = [data for kind, data in await centre.history(case_id) if kind == "consent_given.v1"]
    assert given[0]["representative_id"] == through["through"]

    connection = await asyncpg.connect(centre.service.database_url)
    rows = [str(row["text"]) for query in EVERYTHING_STORED for row in await connection.fetch(query)]
    await connection.close()
    everything = "\n".join([*rows, centre.service.log.read_text()])
    for private in ("小样本", "李演示", "钱样本", "授权委托书第七号", "13800001003"):
        assert private not in everything
        assert private.encode().hex() not in everything

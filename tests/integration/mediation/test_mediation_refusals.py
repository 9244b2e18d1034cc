"""What mediation refuses, each with its own documented problem code."""

from typing import Any

import pytest

from tests.integration.mediation.centre import AGREEMENT, ASSIGNMENT, PARTIES, Centre
from tests.running import Infrastructure

NEVER = "2999-01-01T00:00:00Z"
NOBODY = "01900000-0000-7000-8000-000000000001"
REFUSED: dict[str, tuple[str, str, Any, int, str]] = {
    "no such case": ("clerk", f"{NOBODY}/screen", {"parties": PARTIES}, 404, "case.not_found"),
    "no id": ("clerk", "42/screen", {"parties": PARTIES}, 422, "request.invalid"),
    "unknown field": ("clerk", "{id}/refer-out", {"guidance": "court", "why": "x"}, 422, "request.invalid"),
    "unknown code": ("clerk", "{id}/refer-out", {"guidance": "prayer"}, 422, "request.invalid"),
    "missing field": ("clerk", "{id}/screen", {}, 422, "request.invalid"),
    "one party": ("clerk", "{id}/screen", {"parties": PARTIES[:1]}, 422, "request.invalid"),
    "two applicants": ("clerk", "{id}/screen", {"parties": [PARTIES[0]] * 2}, 422, "case.parties_incomplete"),
    "too long": ("clerk", "{id}/screen", {"parties": [PARTIES[0] | {"name": "赵" * 201}] * 2}, 422, "request.invalid"),
    "wrong type": ("clerk", "{id}/consents", {"party_id": NOBODY, "agreed": "yes"}, 422, "request.invalid"),
    "wrong state": ("clerk", "{id}/consents", {"party_id": NOBODY, "agreed": True}, 409, "case.wrong_status"),
    "no committee": ("clerk", "{id}/assign-mediator", ASSIGNMENT | {"committee": "D1"}, 422, "request.invalid"),
    "wrong role": ("mediator", "{id}/screen", {"parties": PARTIES}, 403, "auth.forbidden_role"),
    "reads only": ("supervisor", "{id}/guidance", {"guidance": "court"}, 403, "auth.forbidden_role"),
    "not his": ("mediator", "{id}/sessions", {"number": 1, "notes": "……"}, 403, "case.not_your_case"),
    "session 0": ("mediator", "{id}/sessions", {"number": 0, "notes": "……"}, 422, "request.invalid"),
    "session in no place": ("clerk", "{id}/sessions/plan", {"number": 1, "at": NEVER}, 422, "request.invalid"),
    "a note of no words": ("clerk", "{id}/return-visit", {"outcome": "settled", "note": " "}, 422, "request.invalid"),
    "wholly in part": ("clerk", "{id}/instalments/1/part", {"percent": 100}, 422, "request.invalid"),
    "one party extends": ("clerk", "{id}/extension", {"until": NEVER, "parties": [NOBODY]}, 422, "request.invalid"),
    "looked at for nothing": ("clerk", "{id}/reveal", {"what": "sessions"}, 422, "request.invalid"),
    "a mediator archives": ("mediator", "{id}/archive", None, 403, "auth.forbidden_role"),
    "archived at once": ("clerk", "{id}/archive", None, 409, "case.wrong_status"),
    "the court takes nothing": ("clerk", "{id}/court/acceptance", {}, 409, "case.wrong_status"),
    "no such risk": ("clerk", f"{{id}}/risks/{NOBODY}/clear", None, 422, "case.no_such_risk"),
    "25: a crime, and nobody told": (
        "clerk",
        "{id}/risks",
        {"kind": "criminal", "measure": "separated", "note": "扬言动手。"},
        422,
        "case.risk_not_told",
    ),
    "29: no instalment": ("mediator", "{id}/agreement", AGREEMENT | {"instalments": []}, 422, "request.invalid"),
    "time as a number": ("mediator", "{id}/agreement", AGREEMENT | {"effective_at": 1e9}, 422, "request.invalid"),
    "refused without reason": ("clerk", "{id}/ruling", {"confirmed": False}, 422, "request.invalid"),
    "confirmed with reason": ("clerk", "{id}/ruling", {"confirmed": True, "reason": "other"}, 422, "request.invalid"),
    "instalment 0": ("clerk", "{id}/instalments/0/performed", None, 422, "request.invalid"),
    "malformed": ("clerk", "{id}/screen", b"{", 400, "request.malformed_json"),
}


@pytest.mark.parametrize(("person", "path", "body", "status", "code"), REFUSED.values(), ids=REFUSED)
async def test_what_is_refused(centre: Centre, person: str, path: str, body: Any, status: int, code: str) -> None:
    client = getattr(centre, person)
    url = f"/v1/cases/{path.format(id=await centre.walk_in())}"
    if isinstance(body, bytes):
        answer = await client.post(url, content=body, headers={"Content-Type": "application/json"})
    else:
        answer = await client.post(url, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    explained = await client.get(answer.json()["type"])
    assert explained.status_code == 200, f"{code} is documented"


async def test_tokens(centre: Centre, infrastructure: Infrastructure) -> None:
    expired = await infrastructure.issuer.token("centre_clerk", ttl=-60)
    for header, code in (
        ("", "auth.missing_token"),
        (f"Bearer {expired}", "auth.expired_token"),
        ("Bearer e30.e30.e30", "auth.invalid_token"),
    ):
        answer = await centre.clerk.get("/v1/cases", headers={"Authorization": header})
        assert (answer.status_code, answer.json()["code"]) == (401, code)

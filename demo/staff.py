"""Who works in the demo: people with a number, roles and a unit, each with a token of their own."""

import asyncio
from dataclasses import dataclass

import httpx


@dataclass(frozen=True, slots=True)
class Staff:
    """工号, roles and unit of somebody who signs in."""

    id: str
    roles: tuple[str, ...]
    unit: str | None = None


def handler(unit: str) -> Staff:
    """承办人 of a handling unit."""
    return Staff(f"{unit}-01", ("unit_handler",), unit)


AGENTS = tuple(Staff(f"12345-{number:03}", ("agent",)) for number in range(1, 5))  # 话务员
PARTNER = Staff("partner-01", ("partner",))  # 网站、移动端等渠道
SUPERVISOR = Staff("12345-901", ("supervisor",))  # 督办员, also the second person of a decline
DISPATCHER = Staff("12345-201", ("dispatcher",))  # 派单员
REVIEWER = Staff("12345-301", ("reviewer",))  # 审核员
REVISITOR = Staff("12345-401", ("revisitor",))  # 回访员
CLERK = Staff("centre-01", ("centre_clerk",))  # 综治中心窗口
MEDIATORS = tuple(Staff(f"mediator-{number:02}", ("mediator",)) for number in range(1, 5))  # 调解员
ADMIN = Staff("ops-01", ("admin",))  # 运维


class Tokens:
    """Gets a token for everybody once and keeps it: the demo is over before one expires."""

    def __init__(self, http: httpx.AsyncClient, issuer: str, client_secret: str) -> None:
        self._http = http
        self._issuer = issuer
        self._client_secret = client_secret
        self._asked: dict[Staff, asyncio.Task[str]] = {}

    async def of(self, staff: Staff) -> str:
        """The token of ``staff``; raises ``httpx.HTTPError``."""
        if staff not in self._asked:
            self._asked[staff] = asyncio.create_task(self._fetch(staff))
        return await self._asked[staff]

    async def _fetch(self, staff: Staff) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": "demo",
            "client_secret": self._client_secret,
            "sub": staff.id,
            "roles": " ".join(staff.roles),
        }
        answer = await self._http.post(
            f"{self._issuer}/token", data=form | ({"unit": staff.unit} if staff.unit else {})
        )
        token: str = answer.raise_for_status().json()["access_token"]
        return token

"""Who signs in at the local stack, and the access tokens that the development issuer gives them."""

import asyncio
from dataclasses import dataclass, field

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


def leader(unit: str) -> Staff:
    """街道领导 of a street, who approves its whistles."""
    return Staff(f"{unit}-00", ("street_leader",), unit)


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """The program through which people sign in: its registered ``id`` and ``secret`` at ``issuer``."""

    issuer: str
    id: str
    secret: str

    def form(self, staff: Staff, **more: str) -> dict[str, str]:
        """What is posted to ``url`` for a token of ``staff``; ``more`` are further claims, see `stack.issuer`."""
        return {
            "grant_type": "client_credentials",
            "client_id": self.id,
            "client_secret": self.secret,
            "sub": staff.id,
            "roles": " ".join(staff.roles),
            **({"unit": staff.unit} if staff.unit else {}),
            **more,
        }

    @property
    def url(self) -> str:
        """Where tokens are."""
        return f"{self.issuer}/token"

    def fetch(self, staff: Staff) -> str:
        """A token of ``staff``; raises ``httpx.HTTPError``."""
        return read(httpx.post(self.url, data=self.form(staff)))


def read(answer: httpx.Response) -> str:
    """The token in the issuer's answer; raises ``httpx.HTTPStatusError``."""
    token: str = answer.raise_for_status().json()["access_token"]
    return token


@dataclass
class Tokens:
    """Gets a token for everybody once and keeps it; it lasts ``ttl`` seconds."""

    http: httpx.AsyncClient
    client: OAuthClient
    ttl: int
    _asked: "dict[Staff, asyncio.Task[str]]" = field(default_factory=dict)

    async def of(self, staff: Staff) -> str:
        """The token of ``staff``; raises ``httpx.HTTPError``."""
        if staff not in self._asked:
            self._asked[staff] = asyncio.create_task(self._fetch(staff))
        return await self._asked[staff]

    async def _fetch(self, staff: Staff) -> str:
        return read(await self.http.post(self.client.url, data=self.client.form(staff, ttl=str(self.ttl))))

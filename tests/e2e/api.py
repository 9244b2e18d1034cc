"""The services' HTTP APIs in the name of somebody."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from stack.tokens import Staff, Tokens, handler, leader
from tests.polling import eventually
from tests.running import Issuer

Json = dict[str, Any]
PATIENCE = 30.0
TOKEN_SECONDS = 3600


AGENT = Staff("A1", ("agent",))
SUPERVISOR = Staff("V1", ("supervisor",))
DISPATCHER = Staff("D1", ("dispatcher",))
REVIEWER = Staff("R1", ("reviewer",))
REVISITOR = Staff("C1", ("revisitor",))
CLERK = Staff("K1", ("centre_clerk",))
MEDIATOR, OTHER_MEDIATOR = Staff("M1", ("mediator",)), Staff("M2", ("mediator",))
PROXY, OTHER_PROXY = Staff("X1", ("petition_proxy",)), Staff("X2", ("petition_proxy",))
ADMIN = Staff("O1", ("admin",))
PARTNER, OTHER_PARTNER, FORMER_PARTNER = (Staff(sub, ("partner",)) for sub in ("B1", "B2", "B3"))
STREET, SECTOR = handler("S150102001"), handler("D15010026")
LEADER, PANEL = leader("S150102001"), Staff("P1", ("panel",))
COUNTY = Staff("G1", ("county_leader",), "G150102")
WATER, ROADS = handler("D15010004"), handler("D15010005")
STRANGER = handler("S150102002")
NOBODY = Staff("N1", ("nobody",))
EVERYBODY = Staff(
    "E1",
    (
        *("agent", "supervisor", "dispatcher", "reviewer", "revisitor", "centre_clerk", "mediator", "admin"),
        *("specialist", "unit_handler", "street_leader", "county_leader", "panel", "partner", "service"),
        "petition_proxy",
    ),
    "S150102001",
)
"""Whom no role can stop."""


class Api:
    """One client for all services, and for the SMS gateway; tokens are fetched once. Nothing is retried."""

    def __init__(self, http: httpx.AsyncClient, base_urls: Mapping[str, str], issuer: Issuer) -> None:
        self.http = http
        self.base_urls = base_urls
        self.issuer = issuer
        self._tokens = Tokens(http, issuer.client, TOKEN_SECONDS)

    async def headers(self, who: Staff) -> dict[str, str]:
        """The Authorization header of somebody."""
        return {"Authorization": f"Bearer {await self._tokens.of(who)}"}

    async def ask(
        self,
        method: str,
        service: str,
        path: str,
        who: Staff | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        """Any request, and whatever is answered."""
        own = await self.headers(who) if who else {}
        url = self.base_urls[service] + path
        return await self.http.request(method, url, headers=own | dict(headers or {}), **more)

    async def get(self, who: Staff, service: str, path: str, **query: Any) -> Json:
        """A document; the request must succeed."""
        return _document(await self.ask("GET", service, path, who, params=query))

    async def post(self, who: Staff, service: str, path: str, body: Json | None = None, **headers: str) -> Json:
        """A command; it must succeed."""
        return _document(await self.ask("POST", service, path, who, json=body, headers=headers))

    async def until(self, who: Staff, service: str, path: str, holds: Callable[[Json], bool], **query: Any) -> Json:
        """The document as soon as it is there and ``holds``."""
        found: Json = {}

        async def there() -> bool:
            nonlocal found
            answer = await self.ask("GET", service, path, who, params=query)
            found = answer.json()
            return answer.is_success and holds(found)

        try:
            await eventually(there, seconds=PATIENCE)
        except AssertionError as late:
            raise AssertionError(f"{service}{path} stays {found}") from late
        return found


def _document(answer: httpx.Response) -> Json:
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    document: Json = answer.json() if answer.content else {}
    return document

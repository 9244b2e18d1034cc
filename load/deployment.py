"""The deployment under load: one request of somebody to one of its services, and what it is known by at the start."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from load.errors import SettingsError
from load.settings import URLS, Target
from load.staff import Person
from load.tokens import Tokens
from load.wire import Json, Reply, Unanswered, Wire

PAGE = 200
HOLDERS = {"department", "enterprise", "county_government", "subdistrict"}
MOST_CALLED = 3
TWO = 2
FIRST_LOOKS = {"intake": "/v1/issues", "mediation": "/v1/cases", "notify": "/v1/revisits"}
"""What shows, before the load begins, that an address is the right one and that its service takes our tokens."""


@dataclass(frozen=True, slots=True)
class Directory:
    """单位名录 of the deployment, by kind: codes and the categories of items that each leads in."""

    units: Mapping[str, list[Json]]

    @property
    def holders(self) -> list[str]:
        """Units that can hold orders."""
        return [unit["code"] for kind in HOLDERS for unit in self.units.get(kind, []) if unit["can_hold_orders"]]

    @property
    def streets(self) -> list[str]:
        """Units that are a street or a township."""
        return [unit["code"] for unit in self.units.get("subdistrict", [])]

    def near(self, kind: str, street: str | None) -> str:
        """A unit of this kind in the county of ``street`` (nine digits), else the first there is."""
        units = self.units[kind]
        county = (street or "")[:6]
        return str(next((unit for unit in units if unit["division_code"] == county), units[0])["code"])

    def departments(self, item: str) -> list[str]:
        """吹哨: whom a street calls about an item, those of its category first."""
        departments = self.units["department"]
        of_category = [unit["code"] for unit in departments if item[:2] in unit["categories"]]
        return list(dict.fromkeys((*of_category, *(unit["code"] for unit in departments[:TWO]))))[:MOST_CALLED]


class Deployment:
    """Its services, spoken to in the name of somebody."""

    def __init__(self, target: Target, tokens: Tokens) -> None:
        self._target = target
        self._tokens = tokens
        self._wires = {service: Wire(url) for service, url in target.urls.items()}

    def ask(
        self,
        who: Person,
        service: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
        key: str | None = None,
    ) -> Reply:
        """One request; ``key`` is its Idempotency-Key. Raises ``load.wire.Unanswered``."""
        headers = {"Authorization": f"Bearer {self._tokens.of(who)}", "Accept": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        content = b""
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body).encode()
        asked = f"{path}?{urlencode(query)}" if query else path
        return self._wires[service].ask(method, asked, content, headers)

    def directory(self, who: Person) -> Directory:
        """What the router's directory holds; ``who`` is a supervisor.

        Raises ``SettingsError`` if a service cannot be reached or says no.
        """
        for service, path in FIRST_LOOKS.items():
            self._first(who, service, path, {"limit": "1"})
        units: dict[str, list[Json]] = {}
        for unit in self._units(who):
            units.setdefault(unit["kind"], []).append(unit)
        if missing := [
            kind for kind in ("department", "subdistrict", "court", "mediation_committee") if kind not in units
        ]:
            raise SettingsError(f"{URLS['router']}: the directory of units there has no {missing[0]}.")
        return Directory(units)

    def _units(self, who: Person) -> Iterator[Json]:
        query = {"limit": str(PAGE)}
        while True:
            page = self._first(who, "router", "/v1/units", query).document
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]

    def _first(self, who: Person, service: str, path: str, query: Mapping[str, str]) -> Reply:
        """What is asked before the load begins: what goes wrong here is a mistake in the settings."""
        url = self._target.urls[service]
        try:
            reply = self.ask(who, service, "GET", path, query=query)
        except Unanswered as error:
            raise SettingsError(f"{URLS[service]}: {url} does not answer ({error}).") from error
        if not reply.good:
            raise SettingsError(f"{URLS[service]}: {url}{path} answers {reply.status} {reply.code}.")
        return reply

"""What a matter is about, in the catalogue's general words; asked of intake, which holds the catalogue 派单目录."""

import asyncio
from time import monotonic

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

_FRESH = 3600.0  # seconds; a catalogue changes a few times a year


class _Item(BaseModel):
    model_config = ConfigDict(extra="ignore")

    code: str
    category_zh: str


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="ignore")

    items: list[_Item]


class ItemNames:
    """Categories by item code, kept for a while; what cannot be had is left out, never waited for twice."""

    def __init__(self, http: httpx.AsyncClient, auth: httpx.Auth, intake_url: str, timeout: float) -> None:
        """``timeout``: seconds for the whole call."""
        self._http = http
        self._auth = auth
        self._url = f"{intake_url.rstrip('/')}/v1/catalogue"
        self._timeout = timeout
        self._names: dict[str, str] = {}
        self._asked = -_FRESH

    async def category(self, item_code: str | None) -> str | None:
        """类别 of an item; None if it is unknown, or intake cannot say."""
        if item_code is None:
            return None
        if monotonic() - self._asked >= _FRESH:
            await self._refresh()
        return self._names.get(item_code)

    async def _refresh(self) -> None:
        self._asked = monotonic()
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._http.get(self._url, auth=self._auth)
            listed = _Catalogue.model_validate_json(answer.raise_for_status().content)
        except (httpx.HTTPError, TimeoutError, ValidationError):
            self._asked -= _FRESH - 60  # again in a minute; the page does without
            return
        self._names = {item.code: item.category_zh for item in listed.items}

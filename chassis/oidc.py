"""OpenID Connect discovery and the issuer's signing keys."""

import asyncio
import time
from collections.abc import Callable, Mapping

import httpx
import jwt
import structlog
from pydantic import BaseModel, ConfigDict

_log = structlog.stdlib.get_logger(__name__)

_FRESH_SECONDS = 300.0  # a key that the issuer withdrew is not honoured for longer than this while it can be reached
_RETRY_SECONDS = 5.0  # unknown key ids, which anybody can send, ask the issuer no more often than this
_KEY_TYPES = frozenset({"RSA", "EC"})


class Discovery(BaseModel):
    """The part of an issuer's metadata that is used."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    issuer: str
    jwks_uri: str
    token_endpoint: str


class _KeySet(BaseModel):
    keys: list[dict[str, object]]


async def discover(client: httpx.AsyncClient, issuer: str) -> Discovery:
    """Read the issuer's metadata; raises ``httpx.HTTPError``, or ``ValueError`` if it speaks for another issuer."""
    answer = await client.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    found = Discovery.model_validate_json(answer.raise_for_status().content)
    if found.issuer != issuer:
        raise ValueError("the discovery document names another issuer")
    return found


class KeyRing:
    """The issuer's public keys by ``kid``, kept while the issuer is away and refreshed when it is back."""

    def __init__(self, issuer: str, client: httpx.AsyncClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._client = client
        self._clock = clock
        self._document = _KeySet(keys=[])
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._refreshing: asyncio.Task[None] | None = None
        self.generation = 0
        """Rises when the set of keys changes: what was verified with older keys is to be verified again."""

    @property
    def is_loaded(self) -> bool:
        """Whether the issuer's keys have been read at least once."""
        return self._fetched_at != float("-inf")

    async def find(self, key_id: str) -> jwt.PyJWK | None:
        """The key of this id; asks the issuer when it is not known, but not more often than every few seconds."""
        if key_id not in self._keys and (task := self._refresh()):
            await asyncio.shield(task)
        return self._keys.get(key_id)

    def keep_fresh(self) -> None:
        """Start reading the keys anew, in the background, if they have not been read for some minutes."""
        if self.is_loaded and self._clock() - self._fetched_at > _FRESH_SECONDS:
            self._refresh()

    async def aclose(self) -> None:
        """Stop asking the issuer; to be called before the client is closed."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])

    def _refresh(self) -> asyncio.Task[None] | None:
        if self._refreshing is not None and not self._refreshing.done():
            return self._refreshing
        if self._clock() - self._tried_at < _RETRY_SECONDS:
            return None
        self._tried_at = self._clock()
        self._refreshing = asyncio.create_task(self._fetch(), name="oidc-keys")
        return self._refreshing

    async def _fetch(self) -> None:
        try:
            found = await discover(self._client, self._issuer)
            answer = await self._client.get(found.jwks_uri)
            document = _KeySet.model_validate_json(answer.raise_for_status().content)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            _log.warning("oidc_keys_not_read", issuer=self._issuer, error=type(error).__name__, known=len(self._keys))
            return
        if document != self._document:
            self.generation += 1
            self._document = document
            self._keys = _usable(document)
        self._fetched_at = self._clock()


def _usable(document: _KeySet) -> dict[str, jwt.PyJWK]:
    keys: dict[str, jwt.PyJWK] = {}
    for entry in document.keys:
        if entry.get("use", "sig") != "sig" or entry.get("kty") not in _KEY_TYPES or not entry.get("kid"):
            continue
        try:
            keys[str(entry["kid"])] = jwt.PyJWK(entry)
        except jwt.PyJWTError as error:
            _log.warning("oidc_key_unusable", kid=str(entry["kid"]), error=type(error).__name__)
    return keys

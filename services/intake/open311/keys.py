"""api_key: which partner 合作方 asks. GeoReport knows no tokens, and a key opens what is served here and nothing else.

A city makes a key of at least 32 random characters, gives it to the partner and keeps its hash. A partner may have two
keys for a while. Whoever knows one may register as the partner and read back what the partner sent.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from contracts.codes import StaffId
from contracts.rejected import Rejected
from services.intake.api_bodies import Phone

KeyHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of a key, in hexadecimal."""


@dataclass(frozen=True, slots=True)
class Partner:
    """``id`` acts in commands and events. ``phone`` is called back where a citizen left no number."""

    id: StaffId
    phone: Phone


def read_keys(value: object) -> object:
    """Read ``{"<SHA-256 of the key>": {"id": "<partner>", "phone": "<number>"}}``, for settings."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        raise ValueError("应为 JSON：{密钥的 SHA-256: {id, phone}}") from None


class Keys:
    """Finds partners by their keys."""

    def __init__(self, partners: Mapping[str, Partner]) -> None:
        self._partners = partners

    def partner(self, key: str) -> Partner:
        """Whose key it is. Raises ``open311.bad_key``."""
        partner = self._partners.get(hashlib.sha256(key.encode()).hexdigest())
        if partner is None:
            raise Rejected("open311.bad_key", "缺少 api_key，或密钥无效", field="api_key", status=403)
        return partner

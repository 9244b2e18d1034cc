"""诉求人 appellants: telephone numbers in one form, and the pseudonyms made of them."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

_SEPARATORS = re.compile(r"[\s\-–—()]")
_COUNTRY = re.compile(r"^(?:\+86|0086|86(?=1[0-9]{10}$))")
_NUMBER = re.compile(r"1[3-9][0-9]{9}|0[1-9][0-9]{1,2}[2-9][0-9]{6,7}")
"""A mobile number, or a landline with its area code."""


def normalise_phone(text: str) -> str:
    """The number without separators and country code. Raises ``ValueError`` for what is no Chinese number."""
    plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))  # full-width digits and brackets too
    number = _COUNTRY.sub("", plain)
    if not _NUMBER.fullmatch(number):
        raise ValueError("应为手机号，或带区号的固定电话")
    return number


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of one appeal and never leaves intake unasked: caller, words and place."""

    name: str
    phone: str
    text: str
    place: str | None
    lat: float | None
    lon: float | None
    evidence: Mapping[str, Any] | None = None
    """来源凭据, as ``channel_evidence.ChannelEvidence`` wrote it."""
    office_reference: str | None = None
    """The number that the office which sent it to the 综治中心 gave it."""
    email: str | None = None
    media_url: str | None = None
    """Where whoever brought it keeps a picture of it; nothing of ours fetches it."""

    def to_private(self, appeal_id: str) -> Mapping[str, str]:
        """As private data of the appeal's issue."""
        return {private_name(appeal_id): json.dumps(asdict(self), ensure_ascii=False)}

    @classmethod
    def from_private(cls, text: str) -> "Contact":
        """Read back what ``to_private`` wrote."""
        return cls(**json.loads(text))


def private_name(appeal_id: str) -> str:
    """The name of an appeal's contact among the private data of its issue."""
    return f"appeal/{appeal_id}"


def supplements_prefix(appeal_id: str) -> str:
    """How the names of an appeal's 补充 begin among the private data of its issue."""
    return f"supplement/{appeal_id}/"

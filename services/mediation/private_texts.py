"""What is known of parties, sessions and agreements and never leaves the service: names and forms of private data."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

PARTIES = "party/"
SESSIONS = "session/"


@dataclass(frozen=True, slots=True)
class PartyText:
    """当事人的姓名和联系方式."""

    name: str
    contact: str

    def to_private(self, party_id: str) -> Mapping[str, str]:
        """As private data of the case."""
        return {PARTIES + party_id: json.dumps(asdict(self), ensure_ascii=False)}

    @classmethod
    def from_private(cls, text: str) -> "PartyText":
        """Read back what ``to_private`` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """调解协议的内容 [人民调解法 29]."""

    parties: str
    facts: str
    contents: str
    performance: str

    def to_private(self, agreement_id: str) -> Mapping[str, str]:
        """As private data of the case."""
        return {agreement_name(agreement_id): json.dumps(asdict(self), ensure_ascii=False)}

    @classmethod
    def from_private(cls, text: str) -> "AgreementTerms":
        """Read back what ``to_private`` wrote."""
        return cls(**json.loads(text))


def agreement_name(agreement_id: str) -> str:
    """The name of an agreement among the private data of its case."""
    return f"agreement/{agreement_id}"


def session_name(number: int) -> str:
    """The name of a session's notes; they sort by number."""
    return f"{SESSIONS}{number:04}"

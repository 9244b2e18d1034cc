"""What is known of parties, sessions and agreements and never leaves the service: names and forms of private data."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

PARTIES = "party/"
REPRESENTATIVES = "representative/"
SESSIONS = "session/"
_RISKS, _COURSE, _PRESTAGE = "risk/", "course/", "prestage/"
PREFIXES = {"sessions": SESSIONS, "agreement": "agreement/", "risks": _RISKS, "course": _COURSE, "prestage": _PRESTAGE}
"""What can be looked at -> how its names begin."""


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
class RepresentativeText:
    """代理人的姓名、联系方式和授权委托书."""

    name: str
    contact: str
    authorisation: str | None

    def to_private(self, representative_id: str) -> Mapping[str, str]:
        """As private data of the case."""
        return {REPRESENTATIVES + representative_id: json.dumps(asdict(self), ensure_ascii=False)}

    @classmethod
    def from_private(cls, text: str) -> "RepresentativeText":
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

    @classmethod
    def named(cls, text: str) -> Mapping[str, str]:
        """The contents of an agreement by their names."""
        return asdict(cls.from_private(text))


def agreement_name(agreement_id: str) -> str:
    """The name of an agreement among the private data of its case."""
    return f"agreement/{agreement_id}"


def session_name(number: int) -> str:
    """The name of a session's notes; they sort by number."""
    return f"{SESSIONS}{number:04}"


def risk_name(report_id: str) -> str:
    """The name of what was seen and done about a risk."""
    return f"{_RISKS}{report_id}"


def course_name(step: str) -> str:
    """The name of a note about a step of the case's course, such as ``part/1`` or ``visit``."""
    return f"{_COURSE}{step}"


def prestage_name(step: str) -> str:
    """The name of what was written down about a pre-stage's step or result."""
    return f"{_PRESTAGE}{step}"

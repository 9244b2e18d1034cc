"""诉求类型: which of the five kinds a text is, by how it asks (``kinds.toml``) and by what its item usually is."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts.codes import IssueKind
from services.intake.classify.text import counted

FILE = Path(__file__).parent / "kinds.toml"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a text is meant; each the words that say so."""

    asks: tuple[str, ...]
    demands: tuple[str, ...]
    suggests: tuple[str, ...]
    reports: tuple[str, ...]

    @property
    def asks_only(self) -> bool:
        """Whether an answer seems to be all that is wanted: a person gives it."""
        return bool(self.asks) and len(self.asks) > len(self.demands)

    def wants_answer(self, usual: IssueKind) -> bool:
        """Whether a machine should leave it to a person, about an item that is mostly brought up as ``usual``."""
        return self.asks_only or (bool(self.asks) and usual is IssueKind.CONSULTATION)

    def kind(self, usual: IssueKind) -> IssueKind:
        """The kind of a text whose item is mostly brought up as ``usual``."""
        if self.asks_only and not self.suggests:
            return IssueKind.CONSULTATION
        if self.suggests:
            return IssueKind.SUGGESTION
        if self.reports:
            return IssueKind.REPORT
        return IssueKind.HELP_REQUEST if usual is IssueKind.CONSULTATION else usual


@dataclass(frozen=True, slots=True)
class KindRule:
    """诉求类型规则: the words of each manner."""

    asks: re.Pattern[str]
    demands: re.Pattern[str]
    suggests: re.Pattern[str]
    reports: re.Pattern[str]

    def manner(self, text: str) -> Manner:
        """How the text is meant."""
        plain = counted(text)
        return Manner(*(_found(words, plain) for words in (self.asks, self.demands, self.suggests, self.reports)))


def load(path: Path = FILE) -> KindRule:
    """Read the words. Raises ``KeyError``, ``tomllib.TOMLDecodeError`` or ``re.error`` for a bad file."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return KindRule(*(_any_of(document[name]["words"]) for name in ("asks", "demands", "suggests", "reports")))


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{word})" for word in words))


def _found(words: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match[0].strip() for match in words.finditer(text)))

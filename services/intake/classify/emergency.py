"""突发警情 emergency signs in a caller's words: looked for before anything else.

A sign is a meeting of words (``emergency.toml``, with a source for each group). Certain signs ask for 110, 119, 120 or
122 at once. A sign with words of the past, of fear, of asking, or that nothing happened is doubtful: a person looks
first. Neither is ever held, declined or dispatched by a machine alone.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from contracts.codes import Agency
from services.intake.classify.text import tidy

FILE = Path(__file__).parent / "emergency.toml"
_SENTENCE_END = "。！？!?;；\n"


@dataclass(frozen=True, slots=True)
class Sign:
    """One danger. ``words`` were found together; ``softened`` by these others, if any."""

    danger: str
    title: str
    agency: Agency
    words: tuple[str, ...]
    softened: tuple[str, ...]

    @property
    def certain(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.softened


class _Classes(NamedTuple):
    """The word classes that make a sign. ``initials`` begin the words of the first: most texts have none of them."""

    initials: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class _Group:
    danger: str
    title: str
    agency: Agency
    signs: tuple[_Classes, ...]


@dataclass(frozen=True, slots=True)
class EmergencyRule:
    """突发警情规则."""

    near: int
    apart: re.Pattern[str]
    softeners: re.Pattern[str]
    groups: tuple[_Group, ...]

    def signs(self, text: str) -> list[Sign]:
        """What is found, at most one sign a danger, certain ones first."""
        plain = self.apart.sub(lambda found: "·" * len(found[0]), tidy(text))
        letters = frozenset(plain)
        found = [sign for group in self.groups if (sign := self._sign(plain, letters, group)) is not None]
        return sorted(found, key=lambda sign: not sign.certain)

    def _sign(self, text: str, letters: frozenset[str], group: _Group) -> Sign | None:
        best: Sign | None = None
        for classes in group.signs:
            if letters.isdisjoint(classes.initials):
                continue
            for spans in self._meetings(text, classes.patterns):
                words = tuple(text[first:last] for first, last in spans)
                sign = Sign(group.danger, group.title, group.agency, words, self._softened(text, spans))
                if sign.certain:
                    return sign
                best = best or sign
        return best

    def _meetings(self, text: str, classes: Sequence[re.Pattern[str]]) -> list[list[tuple[int, int]]]:
        """Every place where the first class meets one of each other class."""
        firsts = [match.span() for match in classes[0].finditer(text)]
        meetings = []
        for first in firsts if len(firsts) <= 50 else firsts[:50]:
            spans = [first]
            for others in classes[1:]:
                begin, end = max(0, first[0] - self.near), first[1] + self.near
                near = next(others.finditer(text, begin, end), None)
                if near is None:
                    break
                spans.append(near.span())
            else:
                meetings.append(spans)
        return meetings

    def _softened(self, text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, ...]:
        """The softeners in the sentences that the sign stands in, other than pieces of its own words."""
        begin, end = min(span[0] for span in spans), max(span[1] for span in spans)
        first = max((text.rfind(mark, 0, begin) for mark in _SENTENCE_END), default=-1) + 1
        ends = [place for mark in _SENTENCE_END if (place := text.find(mark, end)) >= 0]
        found = self.softeners.finditer(text, first, min(ends, default=len(text)))
        apart = [word[0] for word in found if all(word.end() <= a or word.start() >= b for a, b in spans)]
        return tuple(dict.fromkeys(apart))


def load(path: Path = FILE) -> EmergencyRule:
    """Read the word lists. Raises ``KeyError`` or ``ValueError`` for a file that does not say what a group needs."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    words: dict[str, list[str]] = document["word"]
    softeners = [word for group in document["softeners"].values() for word in group]
    groups = tuple(_group(group, words) for group in document["group"])
    return EmergencyRule(document["near"], _any_of(document["apart"], {}), _any_of(softeners, {}), groups)


def _group(group: dict[str, Any], words: dict[str, list[str]]) -> _Group:
    if not group["source"]:
        raise ValueError(f"emergency group {group['name']} names no source")
    signs = tuple(_classes(sign, words) for sign in group["signs"])
    return _Group(group["name"], group["title"], Agency(group["agency"]), signs)


def _classes(sign: Sequence[Sequence[str]], named: dict[str, list[str]]) -> _Classes:
    initials = frozenset(word[0] for word in _words(sign[0], named))
    return _Classes(initials, tuple(_any_of(alternatives, named) for alternatives in sign))


def _words(alternatives: Sequence[str], named: dict[str, list[str]]) -> list[str]:
    return [word for a in alternatives for word in (named[a[1:]] if a.startswith("@") else [a])]


def _any_of(alternatives: Sequence[str], named: dict[str, list[str]]) -> re.Pattern[str]:
    words = _words(alternatives, named)
    return re.compile("|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word))))

"""知识库检索: entries for what a caller says, whose words are rarely those of the entry.

Chinese has no spaces to cut at: neighbouring characters are compared in pairs, and a pair counts the more the fewer
entries have it. A pair in the answer counts half of one in the question.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from services.intake.reference_data import Knowledge

_WORDS = re.compile(r"[0-9A-Za-z]+|[\u3400-\u9fff]+")
_IN_ANSWER = 0.5
_LEAST = 0.12  # of what was asked; below it pairs like 怎么 are all that is common
_MOST = 10


def search(entries: Iterable[Knowledge], asked: str) -> list[Knowledge]:
    """Entries that hold every word of ``asked``; if none does, those that are like it, the likest first."""
    known = list(entries)
    words = asked.split()
    held = [entry for entry in known if all(word in f"{entry.question_zh}\n{entry.answer_zh}" for word in words)]
    return held or _alike(known, asked)


def _alike(entries: Sequence[Knowledge], asked: str) -> list[Knowledge]:
    questions = [_pairs(entry.question_zh) for entry in entries]
    answers = [_pairs(entry.answer_zh) for entry in entries]
    spread = Counter(pair for question, answer in zip(questions, answers, strict=True) for pair in question | answer)
    weights = {pair: math.log(1 + len(entries) / (1 + spread[pair])) for pair in _pairs(asked)}
    total = sum(weights.values())
    scored = [
        (sum(weight * _part(pair, question, answer) for pair, weight in weights.items()), entry)
        for question, answer, entry in zip(questions, answers, entries, strict=True)
    ]
    scored.sort(key=lambda scored: -scored[0])
    return [entry for score, entry in scored[:_MOST] if total and score / total >= _LEAST]


def _part(pair: str, question: frozenset[str], answer: frozenset[str]) -> float:
    if pair in question:
        return 1.0
    return _IN_ANSWER if pair in answer else 0.0


def _pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring Chinese characters, and whole words of other scripts."""
    found: set[str] = set()
    for word in _WORDS.findall(text.lower()):
        found |= {word} if word.isascii() or len(word) == 1 else {a + b for a, b in pairwise(word)}
    return frozenset(found)

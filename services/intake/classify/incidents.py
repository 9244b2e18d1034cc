"""同一事件: which earlier appeals are about the same incident, by place, time, item and wording, with reasons.

Other people's appeals count for the hours of ``incident_hours``; the same person's also later. A pair needs evidence
of the same place (or the same person) and of the same matter; neither alone is enough.
"""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.intake.classify.place import Point, distance
from services.intake.classify.text import tidy

_AGAIN = re.compile(
    "还是|又[来是开不没犯]|上次|上回|打过|反映过|再次|第[二三四五]次|第[二三四五]回|上周|前几天|前天|催|又打|还没|到现在"
    "|没人管|没解决|没修|没动静|来过|补充|说好|说是|那件|那个事|之前|接着|继续|依然|仍"
)

_NEAR_METRES = 250.0
_NEARNESS = ((100.0, 2.2), (_NEAR_METRES, 1.0), (400.0, 0.0), (1000.0, -1.0), (math.inf, -4.0))
"""Metres, and what it is worth that two points lie within them; a caller's point is good to a building or two."""

_TOPIC_FLOOR = -4.0
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Heard:
    """An appeal as far as it can be compared. ``topics``: probability by item; ``wording``: weight by n-gram."""

    id: str
    received_at: datetime
    appellant: str
    text: str
    place: str
    street_code: str | None
    point: Point | None
    topics: Mapping[str, float]
    wording: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Rule:
    """同一事件规则, out of ``limits.toml``."""

    incident_hours: int
    threshold: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier appeal that may be about the same incident; ``score`` 0 to 1."""

    id: str
    score: float
    reasons: tuple[str, ...]


def candidates(
    new: Heard, earlier: Collection[Heard], rule: Rule, administrative: Collection[str] = ()
) -> list[Candidate]:
    """The earlier appeals above the threshold, best first. ``administrative``: names of counties and streets."""
    found = []
    for old in earlier:
        score, reasons = compare(new, old, rule, administrative)
        if score >= rule.threshold:
            found.append(Candidate(old.id, round(score, 3), reasons))
    return sorted(found, key=lambda candidate: (-candidate.score, candidate.id))


def compare(new: Heard, old: Heard, rule: Rule, administrative: Collection[str]) -> tuple[float, tuple[str, ...]]:
    """How likely both are about one incident, and why."""
    hours = abs((new.received_at - old.received_at).total_seconds()) / 3600
    same_person = bool(new.appellant) and new.appellant == old.appellant
    if hours > rule.incident_hours and not same_person:
        return 0.0, ()
    where, reasons = _place(new, old, administrative)
    item, topic = _shared_topic(new.topics, old.topics)
    wording = _cosine(new.wording, old.wording)
    soon = max(0.0, 1 - hours / rule.incident_hours)
    evidence = where + max(_TOPIC_FLOOR, math.log(topic or _TINY)) + 4.0 * min(wording, 0.5) + 0.5 * soon - 0.9
    if same_person:
        again = bool(_AGAIN.search(tidy(new.text)))
        evidence += 1.5 + 0.9 * again
        reasons.append("同一诉求人" + ("，再次反映" if again else ""))
    else:
        reasons.append(f"相隔 {hours:.0f} 小时")
    if topic >= 0.3:
        reasons.append(f"事项相近（{item}）")
    if wording >= 0.08:
        words = sorted(
            (word for word in new.wording if word in old.wording and len(word) > 1),
            key=lambda word: -new.wording[word] * old.wording[word],
        )[:3]
        reasons.append(f"用词相同：{'、'.join(words)}" if words else "用词相近")
    return 1 / (1 + math.exp(-evidence)), tuple(reasons)


def _place(new: Heard, old: Heard, administrative: Collection[str]) -> tuple[float, list[str]]:
    """Evidence for one place, positive, or against it, and what it is."""
    evidence, reasons = 0.0, []
    if new.point and old.point:
        metres = distance(new.point, old.point)
        evidence += next(worth for limit, worth in _NEARNESS if metres <= limit)
        if metres <= _NEAR_METRES:
            reasons.append(f"相距 {metres:.0f} 米")
    if new.street_code and old.street_code:
        same = new.street_code == old.street_code
        evidence += 1.0 if same else -2.0
        if same:
            reasons.append("同一街道")
    ours, theirs = _particular(new.place, administrative), _particular(old.place, administrative)
    if ours and theirs:
        part = len(ours & theirs) / min(len(ours), len(theirs))
        evidence += 3.0 * part - 0.8
        if part >= 0.5:
            reasons.append(f"地点说法相同：{'、'.join(sorted(ours & theirs)[:3])}")
    return evidence, reasons


def _particular(place: str, administrative: Collection[str]) -> set[str]:
    """The pairs of characters of a place without the names of county and street."""
    words = tidy(place)
    for name in sorted(administrative, key=lambda name: (-len(name), name)):
        words = words.replace(name, " ")
    return {piece[start : start + 2] for piece in re.split(r"[\s\W]+", words) for start in range(len(piece) - 1)}


def _shared_topic(ours: Mapping[str, float], theirs: Mapping[str, float]) -> tuple[str, float]:
    """The item that both may be about, and how little is lost by it: 1 if it is the likeliest of both."""
    best = {code: math.sqrt(p * theirs.get(code, 0.0)) for code, p in ours.items()}
    item = max(best, key=lambda code: (best[code], code), default="")
    highest = math.sqrt(max(ours.values(), default=0.0) * max(theirs.values(), default=0.0))
    return item, best[item] / highest if highest else 0.0


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Cosine of two weighted sets of n-grams, of unit length already."""
    if len(one) > len(other):
        one, other = other, one
    return sum(weight * other.get(piece, 0.0) for piece, weight in one.items())

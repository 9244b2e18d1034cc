"""事项归类 which catalogue item, or item of the exclusion list, a text speaks of: counts of n-grams, nothing else.

A multinomial naive Bayes over character uni- and bigrams with tf-idf weights, made by ``train.py`` out of the phrases
beside it. It explains itself: a guess comes with the pieces of the text that speak for it most.
"""

import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.intake.classify.text import ngrams

FILE = Path(__file__).parent / "model.z"
LONGEST = 2
SMOOTHING = 0.1
"""Weight of an n-gram that a class was never seen with; found on texts that nothing was trained on."""
SHARPNESS = 2.0
"""How much a difference in likelihood counts: the n-grams of a text are not independent, so not its full amount."""
EXPLAINED = 12
"""So many of the likeliest classes say why; among them are five of the catalogue, or the text is beyond it."""
TOPICS = 40
"""So many classes are kept of a text that is compared with others."""
UNITS = 1000
"""Weights are stored as whole thousandths, so that the same phrases give the same file everywhere."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A class of the model, how likely (0 to 1), and, of the likeliest, the pieces of the text that speak for it."""

    code: str
    probability: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trained:
    """What ``train.py`` finds out. ``counts``: n-gram -> class number -> weight; ``idf``: n-gram -> its rarity."""

    classes: tuple[str, ...]
    idf: Mapping[str, float]
    counts: Mapping[str, Mapping[int, float]]

    def to_bytes(self) -> bytes:
        """As JSON, compressed."""
        rows = [
            [gram, _whole(self.idf[gram]), [[number, _whole(weight)] for number, weight in sorted(counts.items())]]
            for gram, counts in sorted(self.counts.items())
        ]
        document = {"classes": self.classes, "grams": rows}
        return zlib.compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), 9)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Trained":
        """Read what ``to_bytes`` wrote. Raises ``ValueError`` or ``zlib.error`` for anything else."""
        document = json.loads(zlib.decompress(data))
        grams = document["grams"]
        return cls(
            classes=tuple(document["classes"]),
            idf={gram: idf / UNITS for gram, idf, _ in grams},
            counts={gram: {number: weight / UNITS for number, weight in counts} for gram, _, counts in grams},
        )


def _whole(weight: float) -> int:
    return max(1, round(weight * UNITS))


class Model:
    """归类模型. A text takes about a millisecond."""

    def __init__(self, trained: Trained) -> None:
        self.classes = trained.classes
        self._idf = dict(trained.idf)
        self._unseen = max(self._idf.values())
        totals = [0.0] * len(self.classes)
        for counts in trained.counts.values():
            for number, weight in counts.items():
                totals[number] += weight
        everything = SMOOTHING * len(trained.counts)
        self._absent = [math.log(SMOOTHING / (total + everything)) for total in totals]
        self._present = {
            gram: tuple((number, math.log((weight + SMOOTHING) / SMOOTHING)) for number, weight in counts.items())
            for gram, counts in trained.counts.items()
        }

    @classmethod
    def load(cls, path: Path = FILE) -> "Model":
        """The model in a file. Raises ``OSError``, and ``ValueError`` or ``zlib.error`` for what is no model."""
        return cls(Trained.from_bytes(path.read_bytes()))

    def guesses(self, text: str) -> list[Guess]:
        """Every class, the likeliest first. For a text without a known n-gram all are about equally likely."""
        weights = self.known(text)
        scores = [SHARPNESS * absent * sum(weights.values()) for absent in self._absent]
        for gram, weight in weights.items():
            for number, present in self._present[gram]:
                scores[number] += SHARPNESS * weight * present
        top = max(scores)
        odds = [math.exp(score - top) for score in scores]
        whole = sum(odds)
        order = sorted(range(len(odds)), key=lambda number: (-odds[number], number))
        why = {number: self._reasons(weights, number) for number in order[:EXPLAINED]}
        return [Guess(self.classes[number], odds[number] / whole, why.get(number, ())) for number in order]

    def topics(self, text: str) -> dict[str, float]:
        """The likeliest classes: what two texts that are worded differently can agree in."""
        return {guess.code: guess.probability for guess in self.guesses(text)[:TOPICS]}

    def known(self, text: str) -> dict[str, float]:
        """The n-grams of the text that the model knows, with weights of length 1 together."""
        return _unit({gram: self._idf[gram] for gram in ngrams(text, LONGEST) if gram in self._present})

    def wording(self, text: str) -> dict[str, float]:
        """All n-grams of the text, strange ones the heaviest: what two texts are compared by."""
        return _unit({gram: self._idf.get(gram, self._unseen) for gram in ngrams(text, LONGEST)})

    def _reasons(self, weights: Mapping[str, float], number: int) -> tuple[str, ...]:
        """The three pieces that speak for a class most; of two that overlap the longer one."""
        speaks = {
            gram: weight * present
            for gram, weight in weights.items()
            if len(gram) > 1
            for of, present in self._present[gram]
            if of == number
        }
        return tuple(sorted(speaks, key=lambda gram: (-speaks[gram], gram))[:3])


def _unit(weights: Mapping[str, float]) -> dict[str, float]:
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {gram: weight / length for gram, weight in weights.items()} if length else {}


def top(guesses: Sequence[Guess], codes: frozenset[str], number: int) -> list[Guess]:
    """The likeliest guesses that are among ``codes``."""
    return [guess for guess in guesses if guess.code in codes][:number]

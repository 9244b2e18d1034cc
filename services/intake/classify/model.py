"""事项归类 which catalogue item, or item of the exclusion list, a text speaks of: counts of n-grams, nothing else.

A multinomial naive Bayes over character uni- and bigrams with tf-idf weights, made by ``train.py`` out of the phrases
beside it. It explains itself: a guess comes with the pieces of the text that speak for it most.
"""

import io
import math
import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
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
    """What ``train.py`` finds out, without a Python object for each of its 250,000 numbers.

    ``grams``: n-gram -> its row; ``idf``: rarity by row. Row ``r`` has the places ``starts[r]`` to ``starts[r + 1]`` of
    ``numbers`` (of classes) and ``weights``. Rarity and weights are in ``UNITS``.
    """

    classes: tuple[str, ...]
    grams: Mapping[str, int]
    idf: "array[int]"
    starts: "array[int]"
    numbers: "array[int]"
    weights: "array[int]"

    @classmethod
    def of(cls, classes: tuple[str, ...], rows: Iterable[tuple[str, int, Iterable[tuple[int, int]]]]) -> "Trained":
        """Of n-grams in their order, each with its rarity and the weights by class."""
        grams: dict[str, int] = {}
        trained = cls(classes, grams, array("I"), array("I", [0]), array("H"), array("I"))
        for gram, idf, counts in rows:
            grams[gram] = len(grams)
            trained.idf.append(idf)
            for number, weight in counts:
                trained.numbers.append(number)
                trained.weights.append(weight)
            trained.starts.append(len(trained.numbers))
        return trained

    def to_bytes(self) -> bytes:
        """A line of classes, then a line for each n-gram: rarity, then class and weight by turns; compressed."""
        lines = [" ".join(self.classes)]
        for gram, row in self.grams.items():
            places = range(self.starts[row], self.starts[row + 1])
            counts = (str(value) for place in places for value in (self.numbers[place], self.weights[place]))
            lines.append(" ".join((gram, str(self.idf[row]), *counts)))
        return zlib.compress("\n".join(lines).encode(), 9)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Trained":
        """Read what ``to_bytes`` wrote. Raises ``ValueError`` or ``zlib.error`` for anything else."""
        lines = io.StringIO(zlib.decompress(data).decode())
        classes = tuple(next(lines, "").split())
        return cls.of(classes, map(_row, lines))


def _row(line: str) -> tuple[str, int, Iterable[tuple[int, int]]]:
    gram, idf, *counts = line.split()
    values = list(map(int, counts))
    return gram, int(idf), zip(values[::2], values[1::2], strict=True)


class Model:
    """归类模型. A text takes about a millisecond."""

    def __init__(self, trained: Trained) -> None:
        self.classes = trained.classes
        self._grams = trained.grams
        self._starts, self._numbers = trained.starts, trained.numbers
        self._idf = array("f", (idf / UNITS for idf in trained.idf))
        self._rarest = max(self._idf)
        totals = [0.0] * len(self.classes)
        for number, weight in zip(trained.numbers, trained.weights, strict=True):
            totals[number] += weight / UNITS
        everything = SMOOTHING * len(trained.grams)
        self._absent = [math.log(SMOOTHING / (total + everything)) for total in totals]
        self._present = array("f", (math.log(1 + weight / UNITS / SMOOTHING) for weight in trained.weights))

    @classmethod
    def load(cls, path: Path = FILE) -> "Model":
        """The model in a file. Raises ``OSError``, and ``ValueError`` or ``zlib.error`` for what is no model."""
        return cls(Trained.from_bytes(path.read_bytes()))

    def guesses(self, text: str) -> list[Guess]:
        """Every class, the likeliest first. For a text without a known n-gram all are about equally likely."""
        weights = self.known(text)
        scores = [SHARPNESS * absent * sum(weights.values()) for absent in self._absent]
        for gram, weight in weights.items():
            for number, present in self._row(gram):
                scores[number] += SHARPNESS * weight * present
        top = max(scores)
        odds = [math.exp(score - top) for score in scores]
        whole = sum(odds)
        order = sorted(range(len(odds)), key=lambda number: (-odds[number], number))
        why = self._reasons(weights, order[:EXPLAINED])
        return [Guess(self.classes[number], odds[number] / whole, why.get(number, ())) for number in order]

    def topics(self, text: str) -> dict[str, float]:
        """The likeliest classes: what two texts that are worded differently can agree in."""
        return {guess.code: guess.probability for guess in self.guesses(text)[:TOPICS]}

    def known(self, text: str) -> dict[str, float]:
        """The n-grams of the text that the model knows, with weights of length 1 together."""
        return _unit({gram: self._rarity(gram) for gram in sorted(ngrams(text, LONGEST)) if gram in self._grams})

    def wording(self, text: str) -> dict[str, float]:
        """All n-grams of the text, strange ones the heaviest: what two texts are compared by."""
        return _unit({gram: self._rarity(gram) for gram in sorted(ngrams(text, LONGEST))})

    def _row(self, gram: str) -> Iterable[tuple[int, float]]:
        row = self._grams[gram]
        places = slice(self._starts[row], self._starts[row + 1])
        return zip(self._numbers[places], self._present[places], strict=True)

    def _rarity(self, gram: str) -> float:
        row = self._grams.get(gram)
        return self._rarest if row is None else self._idf[row]

    def _reasons(self, weights: Mapping[str, float], numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """The three pieces that speak for each class most."""
        speaks: dict[int, dict[str, float]] = {number: {} for number in numbers}
        for gram, weight in weights.items():
            if len(gram) > 1:
                for number, present in self._row(gram):
                    if number in speaks:
                        speaks[number][gram] = weight * present
        return {n: tuple(sorted(by, key=lambda gram: (-by[gram], gram))[:3]) for n, by in speaks.items()}


def _unit(weights: Mapping[str, float]) -> dict[str, float]:
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {gram: weight / length for gram, weight in weights.items()} if length else {}

"""``make train``: the model anew, out of the project's phrases and, if given, an operator's corrections.

The same phrases give the same file. A corrections file has the form of the phrases (code, tab, sentence) and holds
people's own words: it stays where the operator keeps it, and only n-gram weights of it go into the model.
"""

import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from services.intake.classify.model import FILE, LONGEST, UNITS, Trained
from services.intake.classify.text import ngrams

PHRASES = Path(__file__).parent / "phrases"
Phrase = tuple[str, str]
"""The code of an item, and how somebody would say it."""


class BadPhrases(ValueError):
    """A line is not ``code TAB sentence``; the message names file and line."""


def read_phrases(path: Path) -> list[Phrase]:
    """The phrases in a file. Raises ``BadPhrases``."""
    phrases = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        code, _, sentence = line.partition("\t")
        if not code or not sentence.strip():
            raise BadPhrases(f"{path.name}:{number}: 应为“代码、制表符、句子”")
        phrases.append((code, sentence))
    return phrases


def own_phrases() -> list[Phrase]:
    """All phrases that the project carries."""
    return [phrase for path in sorted(PHRASES.glob("*.tsv")) for phrase in read_phrases(path)]


def train(phrases: Iterable[Phrase]) -> Trained:
    """Count. Every class must have a phrase; the order of phrases does not matter."""
    texts = sorted((code, sorted(ngrams(sentence, LONGEST))) for code, sentence in phrases)
    classes = tuple(sorted({code for code, _ in texts}))
    numbers = {code: number for number, code in enumerate(classes)}
    documents = Counter(gram for _, grams in texts for gram in grams)
    idf = {gram: math.log((1 + len(texts)) / (1 + count)) + 1 for gram, count in documents.items()}
    counts: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for code, grams in texts:
        length = math.sqrt(math.fsum(idf[gram] ** 2 for gram in grams))
        for gram in grams:
            counts[gram][numbers[code]] += idf[gram] / length
    return Trained.of(
        classes,
        (
            (gram, _whole(idf[gram]), [(number, _whole(weight)) for number, weight in sorted(counts[gram].items())])
            for gram in sorted(counts)
        ),
    )


def _whole(weight: float) -> int:
    return max(1, round(weight * UNITS))


def main(
    corrections: Annotated[Path | None, typer.Option(help="更正样本文件，含个人信息，只由运维保管")] = None,
    output: Annotated[Path, typer.Option(help="模型写到哪里")] = FILE,
) -> None:
    """重新训练归类模型；相同的例句得到相同的模型。"""
    try:
        phrases = own_phrases() + (read_phrases(corrections) if corrections else [])
    except (OSError, BadPhrases) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(2) from None
    output.write_bytes(train(phrases).to_bytes())
    sys.stdout.write(f"{len(phrases)} 条例句，{output.stat().st_size // 1024} KB：{output.name}\n")


if __name__ == "__main__":
    typer.run(main)

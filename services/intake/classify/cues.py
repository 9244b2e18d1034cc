"""不受理线索: words that a matter of the exclusion list is often told with; they hold a text for a person, no more."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from services.intake.classify.text import tidy

FILE = Path(__file__).parent / "cues.toml"


@dataclass(frozen=True, slots=True)
class CueRule:
    """线索词规则."""

    words: re.Pattern[str]

    def cues(self, text: str) -> tuple[str, ...]:
        """What is found, each once."""
        return tuple(dict.fromkeys(match[0] for match in self.words.finditer(tidy(text))))


def load(path: Path = FILE) -> CueRule:
    """Read the words. Raises ``KeyError``, ``tomllib.TOMLDecodeError`` or ``re.error`` for a bad file."""
    groups = tomllib.loads(path.read_text(encoding="utf-8")).values()
    return CueRule(re.compile("|".join(f"(?:{word})" for group in groups for word in group["words"])))

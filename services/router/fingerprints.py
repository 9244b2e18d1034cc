"""Results that say nothing, and results that say what the unit said before (答复空洞, 照抄答复). Pure."""

import hashlib
import hmac
import unicodedata


class Fingerprints:
    """A keyed digest of a result's words: the same words, the same digest, and no way back without the key.

    ``shortest`` is how many characters a result must have to say anything.
    """

    def __init__(self, key: bytes, shortest: int) -> None:
        self._key = hmac.new(key, b"order results", hashlib.sha256).digest()
        self._shortest = shortest

    def of(self, text: str) -> str:
        """The digest; spaces, punctuation and the width of characters make no difference."""
        return hmac.new(self._key, words(text).encode(), hashlib.sha256).hexdigest()

    def doubts(self, text: str) -> tuple[str, ...]:
        """What is doubtful about a text by itself, as ``order.result_submitted`` names it."""
        return ("empty_result",) if len(words(text)) < self._shortest else ()


def words(text: str) -> str:
    """Letters and digits of a text, in one form."""
    return "".join(character for character in unicodedata.normalize("NFKC", text).lower() if character.isalnum())

"""Personal data that goes in, each of it recognisable wherever it comes out."""

import json
import re
import secrets
from urllib.parse import quote


class Secrets:
    """Makes names, numbers, places and texts that occur nowhere else, and remembers them."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.phones: list[str] = []
        self.tokens: list[str] = []
        """Of links that callers were sent: whoever has one answers in the caller's name."""

    def text(self, kind: str) -> str:
        """A text of this kind."""
        self.texts.append(f"机密{kind}{secrets.token_hex(6)}")
        return self.texts[-1]

    def phone(self) -> str:
        """A mobile number."""
        self.phones.append(f"139{secrets.randbelow(10**8):08}")
        return self.phones[-1]

    def latitude(self) -> float:
        """A latitude in the city."""
        value = float(f"40.8{secrets.randbelow(10**8) + 10**8}")
        self.texts.append(repr(value))
        return value

    def found_in(self, haystack: bytes) -> set[str]:
        """Those that occur in it: as they are, or escaped as JSON, HTTP or PostgreSQL may."""
        return {secret for secret, pattern in self._patterns().items() if pattern.search(haystack)}

    def _patterns(self) -> dict[str, re.Pattern[bytes]]:
        return {text: _any_of(_forms(text)) for text in (*self.texts, *self.tokens)} | {
            phone: re.compile(rb"(?<![0-9])" + phone.encode() + rb"(?![0-9])") for phone in self.phones
        }


def _forms(text: str) -> set[bytes]:
    escaped = json.dumps(text)[1:-1]
    octal = "".join(chr(byte) if byte < 128 else f"\\{byte:03o}" for byte in text.encode())
    return {
        text.encode(),
        escaped.encode(),
        escaped.replace("\\", "\\\\").encode(),
        quote(text).encode(),
        octal.encode(),
    }


def _any_of(forms: set[bytes]) -> re.Pattern[bytes]:
    return re.compile(b"|".join(re.escape(form) for form in sorted(forms)))

"""Personal data that goes in, each of it recognisable wherever it comes out."""

import json
import re
import secrets
from urllib.parse import quote

MARK = "机密"


class Secrets:
    """Makes names, numbers, places and texts that occur nowhere else, and remembers them."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.phones: list[str] = []
        self.tokens: list[str] = []
        """Of links that callers were sent: whoever has one answers in the caller's name."""
        self.latitudes: list[str] = []

    def text(self, kind: str) -> str:
        """A text of this kind."""
        self.texts.append(f"{MARK}{kind}{secrets.token_hex(6)}")
        return self.texts[-1]

    def phone(self) -> str:
        """A mobile number."""
        self.phones.append(f"139{secrets.randbelow(10**8):08}")
        return self.phones[-1]

    def latitude(self) -> float:
        """A latitude in the city."""
        value = float(f"40.8{secrets.randbelow(10**8) + 10**8}")
        self.latitudes.append(repr(value))
        return value

    def found_in(self, haystack: bytes) -> set[str]:
        """Those that occur in it: as they are, or escaped as JSON, HTTP or PostgreSQL may.

        What all of a kind begin with is looked for first: a run's megabytes are read a few times, not hundreds.
        """
        found: set[str] = set()
        if _is_in(haystack, MARK):
            found |= {text for text in self.texts if _is_in(haystack, text)}
        numbers = set(re.findall(rb"(?<![0-9])139[0-9]{8}(?![0-9])", haystack))
        found |= {phone for phone in self.phones if phone.encode() in numbers}
        places = b"\n".join(re.findall(rb"40\.8[0-9]+", haystack))
        found |= {latitude for latitude in self.latitudes if latitude.encode() in places}
        return found | {token for token in self.tokens if _is_in(haystack, token)}


def _is_in(haystack: bytes, text: str) -> bool:
    return any(form in haystack for form in _forms(text))


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

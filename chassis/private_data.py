"""Personal data at rest: authenticated encryption, and masks for what is shown.

Ciphertexts live in ``private_data (aggregate, id, name, key_id, ciphertext)``. Each is bound to its row, so that one
copied to another row does not decrypt there.
"""

import json
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12  # NIST SP 800-38D: 96 bits, random per message


class UnknownKey(Exception):
    """The key that encrypted a row is not configured here; ``key_id`` says which one is missing."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"private data key {key_id!r} is not configured")
        self.key_id = key_id


class Tampered(Exception):
    """A ciphertext was changed, cut short, or belongs to another row."""

    def __init__(self, aggregate: str, id: str, name: str) -> None:
        super().__init__(f"private data {name!r} of {aggregate}/{id} does not decrypt: changed or of another row")


class Vault:
    """AES-256-GCM with named keys: ``active`` encrypts, every known one decrypts, so that keys can be rotated."""

    def __init__(self, keys: Mapping[str, bytes], active: str) -> None:
        """Take keys of 32 bytes each; raises ``ValueError`` for another length, ``UnknownKey`` for ``active``."""
        if wrong := [key_id for key_id, key in keys.items() if len(key) != 32]:
            raise ValueError(f"keys must have 32 bytes: {', '.join(wrong)}")
        if active not in keys:
            raise UnknownKey(active)
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._active = active

    def encrypt(self, aggregate: str, id: str, name: str, plaintext: bytes) -> tuple[str, bytes]:
        """Return the key's id and nonce + ciphertext for the row (aggregate, id, name)."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._active].encrypt(nonce, plaintext, _row(aggregate, id, name))
        return self._active, nonce + sealed

    def decrypt(self, aggregate: str, id: str, name: str, key_id: str, ciphertext: bytes) -> bytes:
        """Return the plaintext; raises ``UnknownKey`` or ``Tampered``."""
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise UnknownKey(key_id)
        nonce, sealed = ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, sealed, _row(aggregate, id, name))
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            raise Tampered(aggregate, id, name) from None


def _row(aggregate: str, id: str, name: str) -> bytes:
    # JSON keeps ("a", "bc") and ("ab", "c") apart, which joining would not.
    return json.dumps([aggregate, id, name]).encode()


def mask_phone(phone: str) -> str:
    """Show a number as ``138****1234``; of a landline the last four digits, of a short number nothing."""
    digits = "".join(character for character in phone if character.isdigit())
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 11:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-4:]}" if len(digits) >= 7 else "****"


def mask_name(name: str) -> str:
    """Show a name as ``赵**``: its first character, and a star for each further one, at least one."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""

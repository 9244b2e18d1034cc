"""The secrets a local stack makes for itself, in a file that only its owner can read."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from stack.errors import StackError

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keys:
    """`client_secret`: for the issuer. `private_data_keys`: base64 by key id, they encrypt personal data."""

    client_secret: str
    private_data_keys: dict[str, str]


def make(file: Path) -> Keys:
    """A new client secret, and the data keys of the last start: the databases still hold what they encrypted."""
    data_keys = read(file).private_data_keys if file.exists() else {"local-1": _random_key()}
    keys = Keys(secrets.token_urlsafe(32), data_keys)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        json.dump(asdict(keys), output)
    return keys


def read(file: Path) -> Keys:
    """The secrets of the stack that wrote `file`; raises `StackError` when there is none."""
    try:
        return Keys(**json.loads(file.read_text()))
    except FileNotFoundError as error:
        raise StackError("No stack was started here: start one with make up.") from error


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()

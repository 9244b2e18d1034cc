"""What is said on the telephone: appeals 诉求, drawn at random, each time by another caller. Pure but for the file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from load.errors import SettingsError

FILE = Path(__file__).resolve().parents[1] / "demo" / "appeals.jsonl"
CALLERS = 10_000
DISPATCH, ANSWER, DECLINE, TRANSFER = "dispatch", "direct_answer", "decline", "emergency_transfer"
DISPOSITIONS = (DISPATCH, ANSWER, DECLINE, TRANSFER)
WHISTLE, MEDIATION = "whistle", "mediation"


@dataclass(frozen=True, slots=True)
class Appeal:
    """诉求, and what a person who knows the catalogue does with it.

    ``disposition``: dispatch 派单, direct_answer 直接答复, decline 不予受理, emergency_transfer 转 110/119/120/122.
    ``route``, of a dispatched one: whistle 吹哨报到, mediation 调解, or any other word for the ordinary way.
    """

    channel: str
    text: str
    place: str | None
    street_code: str | None
    lat: float | None
    lon: float | None
    disposition: str
    kind: str
    item_code: str | None
    route: str | None
    exclusion_code: str | None

    def said_by(self, name: str, phone: str) -> dict[str, Any]:
        """The body of a registration 登记."""
        told = {key: getattr(self, key) for key in ("channel", "text", "place", "street_code", "lat", "lon")}
        return {**told, "appellant": {"name": name, "phone": phone}}


def caller(dice: Random) -> tuple[str, str]:
    """姓名 and telephone number of one of ten thousand people who do not exist."""
    return "赵示例", f"1380000{dice.randrange(CALLERS):04}"


def read(file: Path = FILE) -> Sequence[Appeal]:
    """The appeals in ``file``, in the form of demo/appeals.jsonl; raises ``SettingsError`` naming ``LOAD_APPEALS``."""
    try:
        found = [_read(json.loads(line)) for line in file.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"LOAD_APPEALS names a file that cannot be read: {error}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"LOAD_APPEALS names a file that is not like demo/appeals.jsonl: {error!r}.") from error
    if not found:
        raise SettingsError(f"LOAD_APPEALS names a file without any appeal: {file}.")
    return found


def _read(row: dict[str, Any]) -> Appeal:
    expected = row["expected"]
    if expected["disposition"] not in DISPOSITIONS:
        raise ValueError(f"disposition {expected['disposition']!r}")
    return Appeal(
        **{key: row[key] for key in ("channel", "text", "place", "street_code", "lat", "lon")},
        **{key: expected[key] for key in ("disposition", "kind", "item_code", "route", "exclusion_code")},
    )

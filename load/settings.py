"""What a run is told by its environment: variables that begin with LOAD_."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from load import arrivals, calls, staff, thresholds
from load.errors import SettingsError

ROOT = Path(__file__).resolve().parents[1]
SERVICES = ("intake", "router", "mediation", "notify")
URLS = {service: f"LOAD_{service.upper()}_URL" for service in SERVICES}
TOKEN_URL, CLIENT_ID, CLIENT_SECRET = "LOAD_TOKEN_URL", "LOAD_CLIENT_ID", "LOAD_CLIENT_SECRET"
TARGET = (*URLS.values(), TOKEN_URL, CLIENT_ID, CLIENT_SECRET)
"""Name one of them, and you have to name all: half of a deployment is a mistake."""
DEFAULTS: Mapping[str, str] = {
    "LOAD_FACTOR": "10",
    "LOAD_MINUTES": "5",
    "LOAD_HOUR": "9",
    "LOAD_THINK": "0.5",
    "LOAD_PATIENCE": "60",
    "LOAD_SEED": "1",
    "LOAD_STATE": str(ROOT / ".stack"),
    "LOAD_PATTERN": str(arrivals.FILE),
    "LOAD_STAFF": str(staff.FILE),
    "LOAD_APPEALS": str(calls.FILE),
    "LOAD_THRESHOLDS": str(thresholds.FILE),
    "LOAD_REPORT": str(ROOT / "build" / "reports" / "load.json"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """A deployment: base URLs by service, and where and as whom tokens are asked for."""

    urls: Mapping[str, str]
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """One run. ``think`` and ``patience`` are seconds, ``hour`` is that of the pattern at which it starts."""

    factor: float
    minutes: float
    hour: int
    think: float
    patience: float
    seed: int
    target: Target
    pattern: Path
    staff: Path
    appeals: Path
    thresholds: Path
    report: Path

    def shown(self) -> dict[str, object]:
        """What belongs into a report: no secret, no path."""
        return {
            **{name: getattr(self, name) for name in ("factor", "minutes", "hour", "think", "patience", "seed")},
            "services": dict(self.target.urls),
        }


def read(environ: Mapping[str, str], local: Callable[[Path], Target] | None = None) -> Settings:
    """The settings in ``environ``; an empty variable is one that is not set.

    ``local`` finds the stack of ``LOAD_STATE`` if no address is given. Raises ``SettingsError``.
    """
    given = {name: value for name, value in environ.items() if name.startswith("LOAD_") and value}
    if unknown := sorted(given.keys() - DEFAULTS.keys() - set(TARGET)):
        known = ", ".join((*DEFAULTS, *TARGET))
        raise SettingsError(f"{unknown[0]} is no setting; there are {known}.")
    chosen = {**DEFAULTS, **given}
    return Settings(
        factor=_number(chosen, "LOAD_FACTOR", above=0),
        minutes=_number(chosen, "LOAD_MINUTES", above=0),
        hour=_whole(chosen, "LOAD_HOUR", most=23),
        think=_number(chosen, "LOAD_THINK", least=0),
        patience=_number(chosen, "LOAD_PATIENCE", above=0),
        seed=_whole(chosen, "LOAD_SEED"),
        target=_target(given, lambda: (local or local_stack)(Path(chosen["LOAD_STATE"]))),
        **{
            name: Path(chosen[f"LOAD_{name.upper()}"])
            for name in ("pattern", "staff", "appeals", "thresholds", "report")
        },
    )


def local_stack(state: Path) -> Target:
    """The stack that `make up` started in the folder ``state``; raises ``SettingsError`` if none runs there."""
    # Here, because whoever points the load at another deployment does not need what a local stack needs.
    from stack import keys, supervisor
    from stack.errors import StackError
    from stack.local import KEYS

    try:
        found, made = supervisor.endpoints(state), keys.read(state / KEYS)
    except StackError as error:
        raise SettingsError(f"{error} Or name another deployment by {', '.join(TARGET)}.") from error
    return Target(found.services, f"{found.issuer}/token", "stack", made.client_secret)


def _target(given: Mapping[str, str], local: Callable[[], Target]) -> Target:
    named = [name for name in TARGET if name in given]
    if not named:
        return local()
    if missing := [name for name in TARGET if name not in given]:
        raise SettingsError(f"{missing[0]} is missing: with {named[0]} all of {', '.join(TARGET)} are needed.")
    urls = {service: _url(given, name) for service, name in URLS.items()}
    return Target(urls, _url(given, TOKEN_URL), given[CLIENT_ID], given[CLIENT_SECRET])


def _url(given: Mapping[str, str], name: str) -> str:
    text = given[name]
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port)
    except ValueError:
        sound = False
    if not sound:
        raise SettingsError(f"{name} has to be an address like https://intake.example.org, not {text!r}.")
    return text.rstrip("/")


def _number(chosen: Mapping[str, str], name: str, *, above: float = -1, least: float = 0) -> float:
    try:
        number = float(chosen[name])
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > above and number >= least):
        bound = f"above {above:g}" if above >= 0 else f"of at least {least:g}"
        raise SettingsError(f"{name} has to be a number {bound}, not {chosen[name]!r}.")
    return number


def _whole(chosen: Mapping[str, str], name: str, *, most: int | None = None) -> int:
    text = chosen[name]
    if not (text.isascii() and text.isdigit()) or (most is not None and int(text) > most):
        bound = f"from 0 to {most}" if most is not None else "of at least 0"
        raise SettingsError(f"{name} has to be a whole number {bound}, not {text!r}.")
    return int(text)

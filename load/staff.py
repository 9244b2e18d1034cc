"""Who takes part: people by role, and one 承办人 for each handling unit. Pure but for reading the file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from load.errors import SettingsError

FILE = Path(__file__).parent / "staff.toml"
ROLES = ("agent", "partner", "supervisor", "dispatcher", "reviewer", "revisitor", "centre_clerk", "mediator")


@dataclass(frozen=True, slots=True)
class Person:
    """工号, role and unit of somebody who signs in."""

    id: str
    role: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """An OAuth client: ``id`` and ``secret``."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody. ``clients`` has those who sign in with a client of their own, by 工号."""

    people: Mapping[str, tuple[str, ...]]
    handler_id: str
    leader_id: str
    clients: Mapping[str, Client]

    def any(self, role: str, dice: Random) -> Person:
        """Somebody of this role who is free."""
        return Person(dice.choice(self.people[role]), role)

    def handler(self, unit: str) -> Person:
        """承办人 of a unit."""
        return Person(self.handler_id.format(unit=unit), "unit_handler", unit)

    def leader(self, street: str) -> Person:
        """街道领导 of a street."""
        return Person(self.leader_id.format(unit=street), "street_leader", street)

    def everybody(self) -> list[Person]:
        """All but the handlers, whose units the deployment's directory knows."""
        return [Person(id_, role) for role in ROLES for id_ in self.people[role]]


def read(file: Path = FILE) -> Staff:
    """The staff in ``file``; raises ``SettingsError`` naming ``LOAD_STAFF``."""
    try:
        content = tomllib.loads(file.read_text("utf-8"))
        people = {role: _ids(content["people"], role) for role in ROLES}
        clients = {id_: Client(**client) for id_, client in content.get("clients", {}).items()}
        handler, leader = content["units"]["handler"], content["units"]["leader"]
        handler.format(unit="")
        leader.format(unit="")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"LOAD_STAFF names a file that cannot be read: {error}.") from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise SettingsError(f"LOAD_STAFF names a file that lacks something of load/staff.toml: {error!r}.") from error
    return Staff(people, handler, leader, clients)


def _ids(people: Mapping[str, Any], role: str) -> tuple[str, ...]:
    found = people[role]
    if not isinstance(found, list) or not found or not all(isinstance(id_, str) for id_ in found):
        raise ValueError(f"{role} has to be a list of at least one 工号")
    return tuple(found)

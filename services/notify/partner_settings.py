"""What notify needs to know to call partners' receivers."""

from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from chassis.settings import Settings
from services.notify.public_addresses import Network, networks


def _ports(value: object) -> object:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _networks(value: object) -> object:
    return networks(value) if isinstance(value, str) else value


class PartnerSettings(Settings):
    """How hard callbacks work, and where they may go."""

    callback_timeout_seconds: float = Field(
        default=5, gt=0, le=5, description="for a whole call of a partner's receiver (domain.md: 5 s)"
    )
    callback_concurrency: int = Field(default=4, ge=1, le=50, description="calls of one receiver at once")
    callback_idle_seconds: float = Field(default=1, gt=0, description="how often changed subscriptions are looked for")
    callback_ports: Annotated[frozenset[Annotated[int, Field(ge=1, le=65_535)]], NoDecode, BeforeValidator(_ports)] = (
        Field(default=frozenset({443, 8443}), description="ports of partners' receivers, separated by commas")
    )
    callback_local_networks: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)] = Field(
        default=(),
        description="networks where a receiver may be private and plain http, separated by commas: for local stacks",
    )

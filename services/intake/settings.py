"""What intake needs to know besides what every service does."""

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from chassis.settings import GatherSeconds, HttpUrl, SecretKey, Settings
from services.intake.open311.keys import KeyHash, Partner, read_keys


class IntakeSettings(Settings):
    """``PSEUDONYM_KEY`` must never change: callers would become strangers to their own earlier appeals."""

    service_name: ClassVar[str] = "intake"

    gather_seconds: GatherSeconds = 0.2  # it keeps all services' events, and nobody waits for that

    auto_accept: bool = Field(
        default=False,
        description="accept at once what is classified with confidence; a city that has measured it switches it on",
    )
    open311_keys: Annotated[dict[KeyHash, Partner], NoDecode, BeforeValidator(read_keys)] = Field(
        default={}, description="partners by the SHA-256 of their api_key, JSON: see `docs/open311.md`"
    )
    open311_url: HttpUrl | None = Field(
        default=None, description="where clients reach `/open311/v2`; until it is named, discovery calls it a test"
    )
    open311_jurisdiction: str | None = Field(
        default=None, min_length=1, description="the only `jurisdiction_id` that is known; None: it is not looked at"
    )
    open311_contact: str = Field(default="12345", min_length=1, description="whom to ask about the API, and for a key")
    model_file: Path | None = Field(
        default=None, description="a model of the city's own, made by `make train CORRECTIONS=…`; else the project's"
    )
    router_url: HttpUrl | None = Field(
        default=None,
        description="base URL of the router, which knows deputies; without it nobody reads for another unit",
    )
    router_timeout_seconds: float = Field(default=2, gt=0, description="how long the router may take to answer that")
    pseudonym_key: SecretKey = Field(
        description="base64 of at least 32 bytes; makes appellant ids out of telephone numbers"
    )

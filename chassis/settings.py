"""Settings that every service reads from its environment.

A service subclasses ``Settings``, names itself in ``service_name`` and adds its own fields; ``load`` is the only
way in. Variables have the field's name in capitals (``DATABASE_URL``); an empty one counts as not set.
"""

import base64
import binascii
import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BeforeValidator,
    Field,
    FilePath,
    SecretBytes,
    SecretStr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_HTTP_URL = TypeAdapter(AnyHttpUrl)


def _is_http_url(value: str) -> str:
    # The text is kept as written: an issuer must equal the `iss` claim to the letter, and pydantic adds a slash.
    _HTTP_URL.validate_python(value)
    return value


def _is_postgresql_url(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ValueError("应以 postgresql:// 开头")
    return value


def _parse_keys(value: object) -> object:
    """Read ``{"<key id>": "<base64 of 32 bytes>"}``; a message never repeats the value, which is a secret."""
    if not isinstance(value, str):
        return value
    try:
        document = json.loads(value)
    except json.JSONDecodeError:
        raise ValueError('应为 JSON：{"密钥编号": "32 字节的 base64"}') from None
    if not isinstance(document, dict) or not document:
        raise ValueError("应为至少有一个密钥的 JSON 对象")
    return {key_id: _parse_key(key_id, text) for key_id, text in document.items()}


def _parse_key(key_id: str, text: object) -> bytes:
    try:
        key = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ValueError(f"密钥 {key_id} 应为 32 字节的 base64")
    return key


def _decode(value: object) -> object:
    """Read base64 of at least 32 bytes; a message never repeats the value, which is a secret."""
    if not isinstance(value, str):
        return value
    try:
        key = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < 32:
        raise ValueError("应为至少 32 字节的 base64")
    return key


SecretKey = Annotated[SecretBytes, BeforeValidator(_decode)]
"""A key for HMAC, written as base64."""
GatherSeconds = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        description="the least time between two reads of few records, and between two transactions that nobody has "
        "asked for over HTTP: what comes meanwhile goes together, later, but in fewer transactions",
    ),
]
HttpUrl = Annotated[str, AfterValidator(_is_http_url)]
"""An http(s) URL, kept exactly as it was written."""


class Settings(BaseSettings):
    """What every service process needs to know; see the field descriptions for units."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    service_name: ClassVar[str]

    database_url: Annotated[SecretStr, AfterValidator(_is_postgresql_url)]
    kafka_bootstrap_servers: str = Field(min_length=1, description="host:port, separated by commas")
    http_host: str = "127.0.0.1"
    http_port: int = Field(ge=0, le=65535, description="0 takes any free port")
    max_body_bytes: int = Field(default=262_144, ge=1, description="largest request body, bytes")
    oidc_issuer: HttpUrl
    oidc_audience: str = "qingcheng"
    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    private_data_keys: Annotated[dict[str, SecretBytes], NoDecode, BeforeValidator(_parse_keys)]
    private_data_key_id: str = Field(description="which of PRIVATE_DATA_KEYS encrypts; all of them decrypt")
    otel_exporter_otlp_endpoint: HttpUrl | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    topic_prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$")
    consumer_group: str = Field(min_length=1, description="default: the service's name")
    sweep_seconds: float = Field(default=1.0, gt=0, description="how often deadlines are looked for")
    gather_seconds: GatherSeconds = 0
    max_unpublished_seconds: float = Field(default=60, gt=0, description="age of an event at which readiness fails")
    idempotency_key_days: int = Field(default=7, ge=1, description="how long a repeated request finds its answer")
    limits_file: FilePath | None = Field(default=None, description="TOML that overrides the default limits")

    @model_validator(mode="before")
    @classmethod
    def _name_the_group(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"consumer_group": cls.service_name, **values}

    @field_validator("private_data_key_id")
    @classmethod
    def _is_a_known_key(cls, key_id: str, info: ValidationInfo) -> str:
        keys = info.data.get("private_data_keys")
        if keys is not None and key_id not in keys:
            raise ValueError("PRIVATE_DATA_KEYS 中没有这个编号")
        return key_id

    def vault_keys(self) -> dict[str, bytes]:
        """The private data keys as the vault takes them."""
        return {key_id: key.get_secret_value() for key_id, key in self.private_data_keys.items()}


S = TypeVar("S", bound=Settings)


def load(cls: type[S]) -> S:
    """Read the environment, or write one line per faulty variable to standard error and exit with 2."""
    try:
        return cls()
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            variable = str(fault["loc"][0]).upper() if fault["loc"] else cls.__name__
            message = "必须设置" if fault["type"] == "missing" else fault["msg"].removeprefix("Value error, ")
            sys.stderr.write(f"{variable}: {message}\n")
        raise SystemExit(2) from None

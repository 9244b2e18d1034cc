"""What the router needs to know besides what every service does."""

from typing import ClassVar

from pydantic import Field, FilePath

from chassis.settings import Settings


class RouterSettings(Settings):
    """Where a city's own texts are."""

    service_name: ClassVar[str] = "router"

    reply_templates_file: FilePath | None = Field(default=None, description="TOML instead of our own reply templates")

"""What the router needs to know: what every service does."""

from typing import ClassVar

from chassis.settings import Settings


class RouterSettings(Settings):
    """Nothing more than the common settings."""

    service_name: ClassVar[str] = "router"

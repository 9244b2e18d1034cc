"""What mediation needs to know: nothing besides what every service does."""

from typing import ClassVar

from chassis.settings import Settings


class MediationSettings(Settings):
    """Read from the environment."""

    service_name: ClassVar[str] = "mediation"

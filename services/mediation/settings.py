"""What mediation needs to know: hardly anything besides what every service does."""

from typing import ClassVar

from chassis.settings import GatherSeconds, Settings


class MediationSettings(Settings):
    """Read from the environment."""

    service_name: ClassVar[str] = "mediation"

    gather_seconds: GatherSeconds = 0.2  # a case that an order is referred to may come so much later

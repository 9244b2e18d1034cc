"""What notify needs to know besides what every service does."""

from typing import ClassVar

from pydantic import Field

from chassis.settings import GatherSeconds, HttpUrl, SecretKey, Settings


class NotifySettings(Settings):
    """Where the contacts are, where messages go, and how hard the sender works."""

    service_name: ClassVar[str] = "notify"

    gather_seconds: GatherSeconds = 0.05  # nobody notices a message that comes so much later

    intake_url: HttpUrl = Field(description="base URL of intake, which holds the callers' contacts")
    pseudonym_key: SecretKey = Field(
        description="base64 of at least 32 bytes, the same as intake's: whose messages count together for the daily cap"
    )
    sms_gateway_url: HttpUrl = Field(description="base URL of the SMS gateway")
    sender_concurrency: int = Field(default=32, ge=1, le=100, description="messages on their way at once")
    sender_idle_seconds: float = Field(default=0.2, gt=0, description="how often an idle sender looks for work")
    call_timeout_seconds: float = Field(
        default=5, gt=0, description="for each call of a sender; two of them must be shorter than limit delivery_stuck"
    )

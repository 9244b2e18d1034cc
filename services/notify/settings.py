"""What notify needs to know besides what every service does."""

from ipaddress import ip_address
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, StringConstraints, ValidationInfo, field_validator

from chassis.settings import GatherSeconds, HttpUrl, SecretKey
from services.notify.partner_settings import PartnerSettings

MailAddress = Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$")]


class NotifySettings(PartnerSettings):
    """Where the contacts are, where messages go, and how hard the sender works.

    Nothing that names a citizen leaves this host unencrypted or unsigned, unless somebody has said so.
    """

    service_name: ClassVar[str] = "notify"

    gather_seconds: GatherSeconds = 0.2  # nobody notices a message that comes so much later

    intake_url: HttpUrl = Field(description="base URL of intake, which holds the callers' contacts")
    mediation_url: HttpUrl = Field(description="base URL of mediation, which holds the contacts of parties to a case")
    pseudonym_key: SecretKey = Field(
        description="base64 of at least 32 bytes, the same as intake's: whose messages count together for the daily cap"
    )
    survey_url: HttpUrl | None = Field(
        default=None,
        description="URL of the survey page as citizens reach it, such as https://12345.example.cn/survey; "
        "without it no links are sent",
    )
    sms_gateway_insecure: bool = Field(
        default=False, description="take a gateway on another host without TLS: only in a network of one's own"
    )
    sms_gateway_url: HttpUrl = Field(description="base URL of the SMS gateway; https unless it is on this host")
    sms_gateway_secret: SecretKey | None = Field(
        default=None, validate_default=True, description="base64; signs what goes to the gateway, and its receipts"
    )
    sms_receipts: bool = Field(
        default=False, description="the gateway sends receipts: delivered means that one has said so"
    )
    smtp_host: str | None = Field(default=None, min_length=1, description="the city's mail server; none: no mail")
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_tls: Literal["starttls", "none"] = Field(default="starttls", description="none: only on this host")
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    mail_from: MailAddress | None = Field(
        default=None, validate_default=True, description="whom mail comes from; its domain is that of the Message-ID"
    )
    mail_receipt_secret: SecretKey | None = Field(
        default=None, description="base64; signs the mail operator's reports of mail that came back; none: no reports"
    )
    mail_subject: str = Field(default="青城12345：您反映的问题有新进展", min_length=1, max_length=100)
    sender_concurrency: int = Field(default=32, ge=1, le=100, description="messages on their way at once")
    sender_idle_seconds: float = Field(default=0.2, gt=0, description="how soon an idle sender looks again")
    call_timeout_seconds: float = Field(
        default=5, gt=0, description="for each call of a sender; two of them must be shorter than limit delivery_stuck"
    )

    @field_validator("sms_gateway_url")
    @classmethod
    def _is_encrypted(cls, url: str, info: ValidationInfo) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https" and not is_here(parts.hostname) and not info.data.get("sms_gateway_insecure"):
            raise ValueError("不在本机的网关应使用 https；确在内网时设 SMS_GATEWAY_INSECURE=true")
        return url

    @field_validator("sms_gateway_secret")
    @classmethod
    def _is_signed(cls, secret: object, info: ValidationInfo) -> object:
        url = info.data.get("sms_gateway_url")
        if secret is None and url is not None and not is_here(urlsplit(url).hostname):
            raise ValueError("不在本机的网关必须有签名密钥")
        return secret

    @field_validator("sms_receipts")
    @classmethod
    def _has_a_secret(cls, receipts: bool, info: ValidationInfo) -> bool:
        if receipts and info.data.get("sms_gateway_secret") is None:
            raise ValueError("有回执的网关必须有 SMS_GATEWAY_SECRET，用来核对回执的签名")
        return receipts

    @field_validator("mail_from")
    @classmethod
    def _is_from_somebody(cls, address: str | None, info: ValidationInfo) -> str | None:
        if address is None and info.data.get("smtp_host") is not None:
            raise ValueError("有邮件服务器时必须设置")
        return address

    @field_validator("smtp_tls")
    @classmethod
    def _mail_is_encrypted(cls, tls: str, info: ValidationInfo) -> str:
        host = info.data.get("smtp_host")
        if tls == "none" and host is not None and not is_here(host):
            raise ValueError("不在本机的邮件服务器应使用 starttls")
        return tls


def is_here(host: str | None) -> bool:
    """Whether it is this host, by its name or a loopback address."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False

"""Mail by SMTP: one message per key as far as SMTP can promise it.

A server that takes a message and whose answer is lost is asked again, since nobody can know. The repetition has the
same ``Message-ID``, made of the key, by which mail systems and people recognise it.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from services.notify.gateway import Message
from services.notify.outcomes import Permanent, Temporary


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. ``starttls``: refuse to go on without it."""

    host: str
    port: int
    sender: str
    subject: str
    starttls: bool
    username: str | None = None
    password: str | None = None


class Mail:
    """Hands one mail to the city's mail server."""

    def __init__(self, server: MailServer, timeout: float, *, bounces: bool) -> None:
        """``timeout``: seconds for the whole call. ``bounces``: somebody reports mail that comes back (退信).

        Without them taken is delivered.
        """
        self.receipts = bounces
        self._server = server
        self._timeout = timeout

    async def send(self, message: Message) -> None:
        """Return when the mail server has taken the message."""
        server = self._server
        try:
            async with asyncio.timeout(self._timeout):
                await aiosmtplib.send(
                    self.written(message, datetime.now(UTC)),
                    hostname=server.host,
                    port=server.port,
                    username=server.username,
                    password=server.password,
                    start_tls=server.starttls,
                    timeout=self._timeout,
                )
        except (aiosmtplib.SMTPTimeoutError, TimeoutError):
            raise Temporary("timeout") from None
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _of_the_recipient(refused.recipients[0].code) from None
        except aiosmtplib.SMTPDataError as refused:
            raise _of_the_recipient(refused.code) from None
        except aiosmtplib.SMTPResponseException as refused:  # of our account, sender or greeting
            raise Temporary(f"smtp_{refused.code}") from None
        except (aiosmtplib.SMTPException, OSError):  # what it says may name the recipient
            raise Temporary("connection") from None

    def written(self, message: Message, now: datetime) -> EmailMessage:
        """The mail."""
        mail = EmailMessage()
        sender = Address(addr_spec=self._server.sender)
        mail["From"] = sender
        mail["To"] = Address(addr_spec=message.to)
        mail["Subject"] = message.subject or self._server.subject
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = f"<{message.key}@{sender.domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
        mail.set_content(message.text)
        return mail


def _of_the_recipient(code: int) -> Temporary | Permanent:
    """A reply about this recipient or this message: 5yz is for good (RFC 5321, 4.2.1)."""
    return Permanent(f"refused_{code}") if code >= 500 else Temporary(f"smtp_{code}")

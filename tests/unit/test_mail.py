"""The mail that a citizen gets."""

from dataclasses import replace
from datetime import UTC, datetime

from services.notify.gateway import Message
from services.notify.mail import Mail, MailServer

SERVER = MailServer("localhost", 25, "12345@example.invalid", "青城12345：您反映的问题有新进展", starttls=False)
MESSAGE = Message("01900000-0000-7000-8000-000000000001", "zhao@example.invalid", "order_dispatched", "【青城】已派单")
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_a_repetition_is_recognised_by_its_message_id() -> None:
    first, again = (Mail(SERVER, 5, bounces=False).written(MESSAGE, NOW.replace(hour=hour)) for hour in (1, 2))
    assert first["Message-ID"] == again["Message-ID"] == "<01900000-0000-7000-8000-000000000001@example.invalid>"


def test_it_says_what_it_has_to() -> None:
    mail = Mail(SERVER, 5, bounces=False).written(MESSAGE, NOW)
    assert (mail["To"], mail["From"], mail["Subject"]) == (MESSAGE.to, SERVER.sender, SERVER.subject)
    other = Mail(SERVER, 5, bounces=False).written(replace(MESSAGE, subject="青城：您的事件订阅已停用"), NOW)
    assert other["Subject"] == "青城：您的事件订阅已停用"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == NOW
    assert mail.get_content().strip() == MESSAGE.text

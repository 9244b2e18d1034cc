"""Nothing that names a citizen leaves the host unencrypted or unsigned, unless somebody has said so."""

import base64

import pytest

from chassis.settings import load
from services.notify.settings import NotifySettings

KEY = base64.b64encode(bytes(32)).decode()
BASE = {
    "DATABASE_URL": "postgresql://localhost/x",
    "KAFKA_BOOTSTRAP_SERVERS": "localhost:9092",
    "HTTP_PORT": "0",
    "OIDC_ISSUER": "http://localhost/issuer",
    "CLIENT_ID": "notify",
    "CLIENT_SECRET": "secret",
    "PRIVATE_DATA_KEYS": f'{{"k1": "{KEY}"}}',
    "PRIVATE_DATA_KEY_ID": "k1",
    "PSEUDONYM_KEY": KEY,
    "INTAKE_URL": "http://localhost:1",
    "MEDIATION_URL": "http://localhost:1",
    "SMS_GATEWAY_URL": "http://127.0.0.1:2",
}
AWAY = {"SMS_GATEWAY_URL": "https://sms.example.invalid"}
PLAIN = {"SMS_GATEWAY_URL": "http://sms.example.invalid", "SMS_GATEWAY_SECRET": KEY}


def read(monkeypatch: pytest.MonkeyPatch, **env: str) -> NotifySettings:
    for name, value in (BASE | env).items():
        monkeypatch.setenv(name, value)
    return load(NotifySettings)


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"SMS_GATEWAY_URL": "http://[::1]:2"},
        AWAY | {"SMS_GATEWAY_SECRET": KEY, "SMS_RECEIPTS": "true"},
        PLAIN | {"SMS_GATEWAY_INSECURE": "true"},
        {"SMTP_HOST": "mail.example.invalid", "MAIL_FROM": "12345@example.invalid"},
        {"SMTP_HOST": "localhost", "SMTP_TLS": "none", "MAIL_FROM": "12345@example.invalid"},
    ],
    ids=["this host", "this host, IPv6", "TLS and signed", "said so", "STARTTLS", "mail on this host"],
)
def test_what_may_be(monkeypatch: pytest.MonkeyPatch, env: dict[str, str]) -> None:
    assert read(monkeypatch, **env).service_name == "notify"


@pytest.mark.parametrize(
    ("env", "variable"),
    [
        (PLAIN, "SMS_GATEWAY_URL"),
        (AWAY, "SMS_GATEWAY_SECRET"),
        ({"SMS_RECEIPTS": "true"}, "SMS_RECEIPTS"),
        ({"SMTP_HOST": "mail.example.invalid", "SMTP_TLS": "none", "MAIL_FROM": "a@b.c"}, "SMTP_TLS"),
        ({"SMTP_HOST": "mail.example.invalid"}, "MAIL_FROM"),
    ],
    ids=["no TLS", "not signed", "receipts that nobody can verify", "mail without TLS", "mail from nobody"],
)
def test_what_may_not_be_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], env: dict[str, str], variable: str
) -> None:
    with pytest.raises(SystemExit):
        read(monkeypatch, **env)
    assert capsys.readouterr().err.startswith(f"{variable}: ")

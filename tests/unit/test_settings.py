"""A service starts with a good environment only, and says what is wrong with a bad one."""

import json

import pytest

from chassis.private_data import Vault
from chassis.settings import load
from tests.unit.edge_app import EdgeSettings


def test_a_good_environment(environment: dict[str, str]) -> None:
    settings = load(EdgeSettings)
    assert settings.database_url.get_secret_value() == environment["DATABASE_URL"]
    assert settings.oidc_issuer == environment["OIDC_ISSUER"]
    assert (settings.consumer_group, settings.max_body_bytes) == ("edges", 262_144)
    vault = Vault(settings.vault_keys(), settings.private_data_key_id)
    assert vault.encrypt("issue", "1", "phone", b"1")[0] == "k1"


def test_no_secret_is_printed(environment: dict[str, str]) -> None:
    shown = repr(load(EdgeSettings))
    assert "hush" not in shown
    assert "1111" not in shown


def test_the_group_can_be_named(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSUMER_GROUP", "another")
    assert load(EdgeSettings).consumer_group == "another"


SHORT_KEY = json.dumps({"k1": "c2VjcmV0c2VjcmV0"})


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("DATABASE_URL", "mysql://secret", "postgresql://"),
        ("HTTP_PORT", "eighty", "integer"),
        ("OIDC_ISSUER", "", "必须设置"),
        ("OIDC_ISSUER", "issuer", "URL"),
        ("LOG_LEVEL", "LOUD", "DEBUG"),
        ("LIMITS_FILE", "/no/such/file", "file"),
        ("PRIVATE_DATA_KEYS", "secret", "JSON"),
        ("PRIVATE_DATA_KEYS", SHORT_KEY, "k1"),
        ("PRIVATE_DATA_KEY_ID", "k9", "PRIVATE_DATA_KEYS"),
    ],
)
def test_a_bad_value_is_one_line_and_exit_2(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    value: str,
    says: str,
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit) as caught:
        load(EdgeSettings)
    lines = capsys.readouterr().err.splitlines()
    assert caught.value.code == 2
    assert len(lines) == 1
    assert lines[0].startswith(f"{variable}: ")
    assert says in lines[0]
    assert "secret" not in lines[0]


def test_every_fault_is_named_at_once(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in environment:
        monkeypatch.delenv(variable)
    with pytest.raises(SystemExit):
        load(EdgeSettings)
    assert {line.partition(":")[0] for line in capsys.readouterr().err.splitlines()} == set(environment)

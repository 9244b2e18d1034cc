"""Callbacks over real connections: to the address that was checked, as the host that was named, and nowhere else."""

import asyncio
import json
import ssl
import threading
from collections.abc import Awaitable, Callable, Generator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from services.notify.callback_rules import Answer
from services.notify.public_addresses import networks
from services.notify.webhook_call import Receiver
from services.notify.webhook_target import BadTarget, Unresolved, Where, check
from tests.receiver import Receiver as Partner

SECRETS = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="]
PUBLIC = Where(frozenset({443, 8443}), ())
LOCAL = Where(frozenset({443, 8443}), networks("127.0.0.0/8,::1/128"))
BODY = json.dumps({"specversion": "1.0", "id": "e1", "data": {"城": "青"}}, ensure_ascii=False)
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]


def pointing_to(*addresses: str) -> Resolver:
    """A resolver that says this of every name."""

    async def ask(host: str, port: int) -> Sequence[str]:
        return addresses

    return ask


HERE = pointing_to("127.0.0.1")


@pytest.fixture
def partner() -> Generator[Partner]:
    with Partner() as found:
        yield found


async def call(
    url: str,
    where: Where = LOCAL,
    seconds: float = 5,
    ask: Resolver = HERE,
    trust: ssl.SSLContext | None = None,
    secrets: Sequence[str] = tuple(SECRETS[:1]),
    times: int = 1,
) -> Answer:
    receiver = Receiver(url, where, seconds, trust or ssl.create_default_context(), ask=ask)
    try:
        for _ in range(times):
            answer = await receiver.call("e1", BODY, secrets)
        return answer
    finally:
        await receiver.aclose()


async def test_what_comes_is_verified_by_the_library_of_the_specification(partner: Partner) -> None:
    assert await call(f"http://partner.example:{partner.port}/hook?city=15", secrets=SECRETS) == Answer()
    (came,) = partner.came
    headers, body = came.headers, came.body
    assert (came.path, body) == ("/hook?city=15", BODY.encode())
    assert headers["Host"] == f"partner.example:{partner.port}"
    assert headers["Content-Type"].startswith("application/cloudevents+json")
    assert headers["webhook-id"] == "e1"
    assert abs(int(headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 60
    for secret in SECRETS:  # while they overlap, either is good
        assert Webhook(secret).verify(body, headers) == json.loads(BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRETS[0]).verify(body + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_AAAA").verify(body, headers)


async def test_a_secret_that_has_ended_signs_nothing(partner: Partner) -> None:
    await call(f"http://partner.example:{partner.port}/", secrets=SECRETS[1:])
    (came,) = partner.came
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRETS[0]).verify(came.body, came.headers)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(partner: Partner, status: int) -> None:
    partner.answer = lambda _: (status, {"Location": f"http://127.0.0.1:{partner.port}/secret"})
    assert await call(f"http://partner.example:{partner.port}/") == Answer("redirect")
    assert [came.path for came in partner.came] == ["/"]


async def test_retry_after_is_read(partner: Partner) -> None:
    partner.answer = lambda _: (429, {"Retry-After": "90"})
    answer = await call(f"http://partner.example:{partner.port}/")
    assert answer == Answer("rate_limited", timedelta(seconds=90))


async def test_an_answer_without_end_is_cut_off(partner: Partner) -> None:
    partner.endless = True
    assert await call(f"http://partner.example:{partner.port}/") == Answer()


async def test_the_whole_call_has_its_time(partner: Partner) -> None:
    partner.hold = threading.Event()
    assert await call(f"http://partner.example:{partner.port}/", seconds=0.3) == Answer("timeout")


async def test_a_resolver_that_hangs_has_no_longer() -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    assert await call("https://partner.example/", seconds=0.1, ask=never) == Answer("timeout")


async def test_a_name_that_nobody_knows_is_tried_again() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError

    assert await call("https://partner.example/", ask=unknown) == Answer("connection")


async def test_a_connection_serves_again(partner: Partner) -> None:
    assert await call(f"http://partner.example:{partner.port}/", times=3) == Answer()
    assert (len(partner.came), partner.connections) == (3, 1)


async def test_a_receiver_on_a_private_address_is_refused_when_it_is_called(partner: Partner) -> None:
    url = f"https://partner.example:{partner.port}/"
    where = Where(frozenset({partner.port}), ())
    assert await call(url, where) == Answer("refused_target")
    assert partner.connections == 0


async def test_what_is_checked_is_what_is_connected_to(partner: Partner) -> None:
    """DNS rebinding: a name that changes between the check and the connection would be asked for twice."""
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    assert await call(f"http://partner.example:{partner.port}/", ask=rebinding) == Answer()
    assert asked == ["partner.example"]
    assert len(partner.came) == 1


async def test_one_private_address_among_public_ones_refuses_them_all() -> None:
    with pytest.raises(BadTarget) as refused:
        await check("https://partner.example/", PUBLIC, pointing_to("8.8.8.8", "10.0.0.1"))
    assert refused.value.code == "subscription.target_not_public"


async def test_the_next_address_is_tried(partner: Partner) -> None:
    url = f"http://partner.example:{partner.port}/"
    assert await call(url, ask=pointing_to("127.0.0.2", "127.0.0.1")) == Answer()


def certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server called ``host`` shows, and what trusts exactly that."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / f"{host}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    pem.write_bytes(private + public)
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(pem)
    return shown, ssl.create_default_context(cadata=public.decode())


@pytest.mark.parametrize(
    ("host", "answer"), [("partner.example", Answer()), ("other.example", Answer("connection"))], ids=["its", "other"]
)
async def test_the_certificate_is_that_of_the_name(tmp_path: Path, host: str, answer: Answer) -> None:
    shown, trust = certificate(tmp_path, "partner.example")
    names: list[str | None] = []
    shown.sni_callback = lambda _socket, name, _context: names.append(name)
    with Partner(tls=shown) as partner:
        assert await call(f"https://{host}:{partner.port}/", trust=trust) == answer
    assert names == [host]


async def test_a_certificate_that_nobody_trusts_is_no_receiver(tmp_path: Path) -> None:
    shown, _ = certificate(tmp_path, "partner.example")
    with Partner(tls=shown) as partner:
        assert await call(f"https://partner.example:{partner.port}/") == Answer("connection")
        assert partner.came == []


async def test_no_proxy_of_the_environment_comes_between(partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert await call(f"http://partner.example:{partner.port}/") == Answer()


URLS: list[tuple[str, Where, str, str | None]] = [
    ("https://partner.example/hook", PUBLIC, "8.8.8.8", None),
    ("https://partner.example:8443/hook", PUBLIC, "2400:3200::1", None),
    ("https://8.8.8.8/", PUBLIC, "8.8.8.8", None),
    ("https://[2400:3200::1]/", PUBLIC, "2400:3200::1", None),
    ("https://例子.example/", PUBLIC, "8.8.8.8", None),
    ("http://partner.example/", PUBLIC, "8.8.8.8", "subscription.target_not_https"),
    ("https://partner.example:22/", PUBLIC, "8.8.8.8", "subscription.target_port"),
    ("https://partner.example:8080/", PUBLIC, "8.8.8.8", "subscription.target_port"),
    ("https://partner.example/", PUBLIC, "192.168.0.1", "subscription.target_not_public"),
    ("https://127.0.0.1/", PUBLIC, "127.0.0.1", "subscription.target_not_public"),
    ("http://127.0.0.1:1234/", LOCAL, "127.0.0.1", None),
    ("http://partner.example/", LOCAL, "8.8.8.8", "subscription.target_not_https"),
    ("https://10.0.0.1/", LOCAL, "10.0.0.1", "subscription.target_not_public"),
    ("ftp://partner.example/", PUBLIC, "8.8.8.8", "subscription.target_invalid"),
    ("file:///etc/passwd", PUBLIC, "8.8.8.8", "subscription.target_invalid"),
    ("https:///hook", PUBLIC, "8.8.8.8", "subscription.target_invalid"),
    ("partner.example/hook", PUBLIC, "8.8.8.8", "subscription.target_invalid"),
    ("https://user:pass@partner.example/", PUBLIC, "8.8.8.8", "subscription.target_invalid"),
    ("https://partner.example/#part", PUBLIC, "8.8.8.8", "subscription.target_invalid"),
    ("https://partner.example:99999/", PUBLIC, "8.8.8.8", "subscription.target_invalid"),
    ("https://partner.example/" + "x" * 2000, PUBLIC, "8.8.8.8", "subscription.target_invalid"),
    ("https://" + "x" * 300 + ".example/", PUBLIC, "8.8.8.8", "subscription.target_invalid"),
    ("https://partner.example/\n", PUBLIC, "8.8.8.8", "subscription.target_invalid"),
    ("https://xn--a.example/", PUBLIC, "8.8.8.8", None),
    ("", PUBLIC, "8.8.8.8", "subscription.target_invalid"),
]


@pytest.mark.parametrize(("url", "where", "address", "code"), URLS)
async def test_what_a_url_must_be(url: str, where: Where, address: str, code: str | None) -> None:
    if code is None:
        assert (await check(url, where, pointing_to(address))).addresses == (address,)
        return
    with pytest.raises(BadTarget) as refused:
        await check(url, where, pointing_to(address))
    assert refused.value.code == code
    assert refused.value.message


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost", "[::ffff:127.0.0.1]"])
async def test_an_inner_address_is_seen_through_every_spelling(host: str) -> None:
    """By the system's own resolver, which reads numbers as a browser does."""
    with pytest.raises(BadTarget) as refused:
        await check(f"https://{host}/", PUBLIC)
    assert refused.value.code in {"subscription.target_not_public", "subscription.target_invalid"} or isinstance(
        refused.value, Unresolved
    )


def test_the_tables_addresses_are_addresses() -> None:
    assert [ip_address(address) for _, _, address, _ in URLS]

"""The search for personal data finds a leak in whatever form it comes out, and nothing else."""

import csv
import io
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.e2e.secret import Secrets


def spreadsheet(text: str) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(["1", f'said "{text}", twice', ""])
    return out.getvalue().encode("utf-8-sig")


FORMS: dict[str, Callable[[str], bytes]] = {
    "as it is": lambda text: text.encode(),
    "an event": lambda text: json.dumps({"step": "triage", "text": text}).encode(),
    "an event in UTF-8": lambda text: json.dumps({"text": text}, ensure_ascii=False).encode(),
    "JSON in a JSON log line": lambda text: json.dumps({"event": json.dumps({"text": text})}).encode(),
    "a spreadsheet": spreadsheet,
    "a metric": lambda text: f'http_requests{{path="/v1/x/{text}"}} 1'.encode(),
    "a path": lambda text: f"GET /v1/issues?q={quote(text)} 200".encode(),
    "a span, in protobuf": lambda text: b"\x0a\x1a" + bytes([len(text.encode())]) + text.encode() + b"\x12\x00",
    "a row, in binary": lambda text: b"\x00\x02\x00\x00\x00\x24" + text.encode() + b"\xff\xff",
    "PostgreSQL's octal": lambda text: "".join(
        chr(byte) if byte < 128 else f"\\{byte:03o}" for byte in text.encode()
    ).encode(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["text", "phone", "latitude"])
def test_a_planted_leak_is_found_as(form: str, kind: str) -> None:
    secrets = Secrets()
    other = secrets.text("地址")
    leaked = {"text": secrets.text("姓名"), "phone": secrets.phone(), "latitude": str(secrets.latitude())}[kind]
    content = b"before\n" + FORMS[form](leaked) + b"\nafter"
    assert secrets.found_in(content) == {leaked}
    assert other not in secrets.found_in(content)


def test_what_is_masked_or_part_of_another_number_is_no_leak() -> None:
    secrets = Secrets()
    phone = secrets.phone()
    masked = f"{phone[:3]}****{phone[-4:]}"
    assert secrets.found_in(f"{masked} 1{phone} {phone}0".encode()) == set()


def test_nothing_is_found_where_nothing_is() -> None:
    secrets = Secrets()
    secrets.text("姓名")
    secrets.phone()
    assert secrets.found_in(b"") == set()

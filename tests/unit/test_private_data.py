"""Ciphertexts are bound to their row and key; masks show no more than they should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.private_data import Tampered, UnknownKey, Vault, mask_name, mask_phone

KEYS = {"old": b"o" * 32, "new": b"n" * 32}


@given(plaintext=st.binary(max_size=200), aggregate=st.text(), id=st.text(), name=st.text())
def test_what_was_encrypted_comes_back(plaintext: bytes, aggregate: str, id: str, name: str) -> None:
    vault = Vault(KEYS, "new")
    key_id, ciphertext = vault.encrypt(aggregate, id, name, plaintext)
    assert vault.decrypt(aggregate, id, name, key_id, ciphertext) == plaintext


def test_the_same_text_never_looks_the_same() -> None:
    vault = Vault(KEYS, "new")
    assert vault.encrypt("issue", "1", "phone", b"138") != vault.encrypt("issue", "1", "phone", b"138")


def test_an_older_key_still_decrypts() -> None:
    key_id, ciphertext = Vault(KEYS, "old").encrypt("issue", "1", "phone", b"138")
    assert (key_id, Vault(KEYS, "new").decrypt("issue", "1", "phone", key_id, ciphertext)) == ("old", b"138")


@pytest.mark.parametrize("row", [("case", "1", "phone"), ("issue", "2", "phone"), ("issue", "1", "name")])
def test_a_ciphertext_of_another_row_is_refused(row: tuple[str, str, str]) -> None:
    vault = Vault(KEYS, "new")
    key_id, ciphertext = vault.encrypt("issue", "1", "phone", b"138")
    with pytest.raises(Tampered):
        vault.decrypt(*row, key_id, ciphertext)


@given(position=st.integers(0, 30), flip=st.integers(1, 255))
def test_a_changed_byte_is_noticed(position: int, flip: int) -> None:
    vault = Vault(KEYS, "new")
    key_id, ciphertext = vault.encrypt("issue", "1", "phone", b"138")
    changed = bytearray(ciphertext)
    changed[position] ^= flip
    with pytest.raises(Tampered):
        vault.decrypt("issue", "1", "phone", key_id, bytes(changed))


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_a_short_ciphertext_is_noticed(length: int) -> None:
    vault = Vault(KEYS, "new")
    key_id, ciphertext = vault.encrypt("issue", "1", "phone", b"138")
    with pytest.raises(Tampered):
        vault.decrypt("issue", "1", "phone", key_id, ciphertext[:length])


def test_keys_that_are_missing_or_of_the_wrong_length() -> None:
    with pytest.raises(UnknownKey, match="gone"):
        Vault(KEYS, "new").decrypt("issue", "1", "phone", "gone", b"x" * 40)
    with pytest.raises(UnknownKey):
        Vault(KEYS, "gone")
    with pytest.raises(ValueError, match="weak"):
        Vault({"weak": b"w" * 16}, "weak")


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800001234", "138****1234"),
        ("+86 138 0000 1234", "138****1234"),
        ("0471-4601234", "047****1234"),
        ("4601234", "****1234"),
        ("12345", "****"),
        ("", "****"),
    ],
)
def test_masked_numbers(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(("name", "shown"), [("赵示例", "赵**"), ("李", "李*"), ("乌云其其格", "乌****"), ("", "")])
def test_masked_names(name: str, shown: str) -> None:
    assert mask_name(name) == shown

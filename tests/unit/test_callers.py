"""Telephone numbers and the pseudonyms made of them."""

import pytest
from pydantic import TypeAdapter

from chassis.pseudonyms import pseudonym
from contracts.codes import Id
from services.intake.callers import Contact, normalise_phone, private_name

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13800001002", "13800001002"),
        (" 138-0000 1002", "13800001002"),
        ("+86 138 0000 1002", "13800001002"),
        ("008613800001002", "13800001002"),
        ("8613800001002", "13800001002"),
        ("\uff11\uff13\uff18\uff10\uff10\uff10\uff10\uff11\uff10\uff10\uff12", "13800001002"),
        ("0471-4606000", "04714606000"),
        ("（0471）4606000", "04714606000"),
        ("+86 0471 4606000", "04714606000"),
        ("010-62345678", "01062345678"),
    ],
)
def test_a_number_has_one_form(text: str, number: str) -> None:
    assert normalise_phone(text) == number


@pytest.mark.parametrize("text", ["", "赵示例", "12345", "1380000100", "138000010022", "4606000", "+1 202 555 0123"])
def test_what_is_no_chinese_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="手机号"):
        normalise_phone(text)


def test_the_same_caller_has_the_same_pseudonym_and_no_key_no_pseudonym() -> None:
    first = pseudonym(KEY, "13800001002")
    assert TypeAdapter(Id).validate_python(first) == first
    assert first == pseudonym(KEY, "13800001002")
    assert len({first, pseudonym(KEY, "13800001003"), pseudonym(OTHER_KEY, "13800001002")}) == 3


def test_a_contact_survives_the_way_into_private_data_and_back() -> None:
    contact = Contact("赵示例", "13800001001", "暖气不热", "某小区3单元", 40.8, None)
    stored = contact.to_private("a")
    assert Contact.from_private(stored[private_name("a")]) == contact

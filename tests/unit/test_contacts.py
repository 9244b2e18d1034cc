"""By which way a caller is reached."""

import pytest

from services.notify.contacts import Reach, mail_address, mobile, reach
from services.notify.outcomes import Permanent

MOBILE, LANDLINE, ADDRESS = "13800001001", "04714606000", "zhao@example.invalid"


@pytest.mark.parametrize(
    ("phone", "email", "by_mail", "expected"),
    [
        (MOBILE, None, False, Reach("sms", MOBILE)),
        (MOBILE, ADDRESS, True, Reach("sms", MOBILE)),
        (LANDLINE, ADDRESS, True, Reach("mail", ADDRESS)),
        (None, "Zhao@Example.invalid", True, Reach("mail", ADDRESS)),
    ],
    ids=["mobile", "mobile before mail", "a landline takes no text", "mail only"],
)
def test_the_channel_is_the_callers(phone: str | None, email: str | None, by_mail: bool, expected: Reach) -> None:
    assert reach(phone, email, by_mail=by_mail) == expected


@pytest.mark.parametrize(
    ("phone", "email", "by_mail"),
    [(None, None, True), (LANDLINE, None, True), (LANDLINE, ADDRESS, False), (None, "no address", True)],
    ids=["nothing", "landline only", "no mail here", "no address"],
)
def test_whoever_cannot_be_reached_is_a_failure_that_people_see(
    phone: str | None, email: str | None, by_mail: bool
) -> None:
    with pytest.raises(Permanent) as failure:
        reach(phone, email, by_mail=by_mail)
    assert failure.value.failure == "no_phone"


@pytest.mark.parametrize(
    "text",
    [
        "138 0000 1001",
        "+86 138-0000-1001",
        "8613800001001",
        "\uff11\uff13\uff18\uff10\uff10\uff10\uff10\uff11\uff10\uff10\uff11",
    ],
)
def test_a_mobile_number_has_one_form(text: str) -> None:
    assert mobile(text) == MOBILE


@pytest.mark.parametrize(
    "text", ["a@b", "a b@example.invalid", "a@example.invalid\r\nBcc: c@d.e", "a@" + "b" * 300 + ".c"]
)
def test_what_is_no_address_is_not_written_to(text: str) -> None:
    assert mail_address(text) is None

"""Where people can be reached: asked for every attempt of intake, or of mediation for a party to a case.

It is neither kept nor logged. Where a person has corrected it for one message, it is private data of that message.
"""

import asyncio
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from services.notify.outcomes import NOT_NOW, Permanent, Temporary

Channel = Literal["sms", "mail"]
CORRECTED = "contact"
"""The name of a corrected contact among the private data of a message."""
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_SEPARATORS = re.compile(r"[\s\-–—()]")
_COUNTRY = re.compile(r"^(?:\+86|0086|86(?=1[0-9]{10}$))")
MAIL_ADDRESS = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$"
"""An address of the usual form."""
_ADDRESS = re.compile(MAIL_ADDRESS)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a message goes."""

    channel: Channel
    address: str


def mobile(text: str) -> str | None:
    """A mobile number without separators and country code; None for what can get no text message."""
    number = _COUNTRY.sub("", _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)))
    return number if _MOBILE.fullmatch(number) else None


def mail_address(text: str) -> str | None:
    """An address of the usual form, in lower case; None for what is none."""
    address = text.strip()
    return address.lower() if len(address) <= 254 and _ADDRESS.fullmatch(address) else None


def reach(phone: str | None, email: str | None, *, by_mail: bool) -> Reach:
    """The caller's channel: a text to their mobile number, else a mail, where the city sends any.

    Raises ``Permanent`` ``no_phone`` if neither is possible; a landline gets no text.
    """
    number, address = mobile(phone or ""), mail_address(email or "")
    if number is not None:
        return Reach("sms", number)
    if address is not None and by_mail:
        return Reach("mail", address)
    raise Permanent("no_phone")


class _Contact(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    phone: str | None
    email: str | None = None


class _PartyContact(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    contact: str


C = TypeVar("C", bound=BaseModel)


class Contacts:
    """Asks intake for a caller's contact and mediation for a party's; every answer is an audited event there."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        auth: httpx.Auth,
        intake_url: str,
        mediation_url: str,
        timeout: float,
        *,
        by_mail: bool,
    ) -> None:
        """``timeout``: seconds for the whole call. ``by_mail``: whether there is a way to send mail."""
        self._http = http
        self._auth = auth
        self._intake = intake_url.rstrip("/")
        self._mediation = mediation_url.rstrip("/")
        self._timeout = timeout
        self._by_mail = by_mail

    async def reach(self, issue_id: str, appeal_id: str, *, key: str) -> Reach:
        """Where to send to a caller. ``key`` makes a repeated question the same one."""
        url = f"{self._intake}/v1/issues/{issue_id}/appeals/{appeal_id}/reveal"
        contact = await self._ask(_Contact, url, "message", key)
        return reach(contact.phone, contact.email, by_mail=self._by_mail)

    async def reach_party(self, case_id: str, party_id: str, *, key: str) -> Reach:
        """Where to send to a party of a case, or to its guardian: mediation knows what is to be told to whom."""
        url = f"{self._mediation}/v1/cases/{case_id}/parties/{party_id}/reveal"
        contact = (await self._ask(_PartyContact, url, "supervision", key)).contact
        return reach(contact, contact, by_mail=self._by_mail)

    async def _ask(self, kind: type[C], url: str, purpose: str, key: str) -> C:
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._http.post(
                    url,
                    json={"purpose": purpose},
                    headers={"Idempotency-Key": key},
                    auth=self._auth,
                )
        except (httpx.HTTPError, TimeoutError):
            raise Temporary("contact_unavailable") from None
        if answer.is_client_error and answer.status_code not in NOT_NOW:
            raise Permanent("contact_refused")
        try:
            contact = kind.model_validate_json(answer.content) if answer.is_success else None
        except ValidationError:
            contact = None
        if contact is None:
            raise Temporary("contact_unavailable")
        return contact

    def reach_partner(self, email: str | None) -> Reach:
        """The address that a partner gave for notices. Raises ``Permanent`` ``no_mail``, also where no mail is sent."""
        address = mail_address(email or "")
        if address is None or not self._by_mail:
            raise Permanent("no_mail")
        return Reach("mail", address)

    def corrected(self, text: str) -> Reach:
        """Where a person said that it should go instead. Raises ``Permanent`` if there is no way to send that."""
        return reach(text, text, by_mail=self._by_mail)

"""Where people can be reached: asked for every attempt of intake, or of mediation for a party to a case.

It is neither kept nor logged. Where a person has corrected it for one message, it is private data of that message.
"""

import asyncio
import re
import unicodedata
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal, TypeVar

import httpx
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.asking_together import AskingTogether
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

    appeal_id: str
    phone: str | None
    email: str | None = None
    code: str | None = None


class _Contacts(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    contacts: list[_Contact]


class _PartyContact(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    contact: str


log = structlog.get_logger()
_OF_ONE = {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.INTERNAL_SERVER_ERROR}
"""What one appeal can do to a question about several: then each is asked about alone, so that it costs no other."""
C = TypeVar("C", bound=BaseModel)
_Appeal = tuple[str, str]
"""Issue and appeal."""


class Contacts:
    """Asks intake for callers' contacts and mediation for a party's; every answer is an audited event there."""

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
        self._callers = AskingTogether(self._ask_intake)

    async def reach(self, issue_id: str, appeal_id: str) -> Reach:
        """Where to send to a caller; who asks at the same time asks together."""
        try:
            async with asyncio.timeout(self._timeout):  # waiting for the question before this one, too
                contact = await self._callers.about((issue_id, appeal_id))
        except TimeoutError:
            raise Temporary("contact_unavailable") from None
        if contact is None:
            raise Temporary("contact_unavailable")
        if contact.code is not None:
            raise Permanent("contact_refused")
        return reach(contact.phone, contact.email, by_mail=self._by_mail)

    async def reach_party(self, case_id: str, party_id: str, *, key: str) -> Reach:
        """Where to send to a party of a case, or to its guardian: mediation knows what is to be told to whom.

        ``key`` makes a repeated question the same one.
        """
        url = f"{self._mediation}/v1/cases/{case_id}/parties/{party_id}/reveal"
        answer = await self._post(url, {"purpose": "supervision"}, {"Idempotency-Key": key})
        if answer.is_client_error and answer.status_code not in NOT_NOW:
            raise Permanent("contact_refused")
        contact = _read(_PartyContact, answer).contact
        return reach(contact, contact, by_mail=self._by_mail)

    async def _ask_intake(self, appeals: AbstractSet[_Appeal]) -> dict[_Appeal, _Contact]:
        asked = [{"issue_id": issue_id, "appeal_id": appeal_id} for issue_id, appeal_id in appeals]
        body = {"purpose": "message", "appeals": asked}
        answer = await self._post(f"{self._intake}/v1/contacts/reveal", body, {})
        if answer.status_code in _OF_ONE and len(appeals) > 1:
            return await self._ask_one_by_one(appeals)
        if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
            raise Permanent("contact_refused")
        told = {one.appeal_id: one for one in _read(_Contacts, answer).contacts}
        return {appeal: told[appeal[1]] for appeal in appeals if appeal[1] in told}

    async def _ask_one_by_one(self, appeals: AbstractSet[_Appeal]) -> dict[_Appeal, _Contact]:
        found: dict[_Appeal, _Contact] = {}
        for issue_id, appeal_id in appeals:
            try:
                found |= await self._ask_intake({(issue_id, appeal_id)})
            except Permanent as refusal:
                found[issue_id, appeal_id] = _Contact(appeal_id=appeal_id, phone=None, code=refusal.failure)
            except Temporary:
                log.info("contact.left_out", issue=issue_id)
        return found

    async def _post(self, url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> httpx.Response:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._http.post(url, json=body, headers=headers, auth=self._auth)
        except (httpx.HTTPError, TimeoutError):
            raise Temporary("contact_unavailable") from None

    def reach_partner(self, email: str | None) -> Reach:
        """The address that a partner gave for notices. Raises ``Permanent`` ``no_mail``, also where no mail is sent."""
        address = mail_address(email or "")
        if address is None or not self._by_mail:
            raise Permanent("no_mail")
        return Reach("mail", address)

    def corrected(self, text: str) -> Reach:
        """Where a person said that it should go instead. Raises ``Permanent`` if there is no way to send that."""
        return reach(text, text, by_mail=self._by_mail)


def _read(kind: type[C], answer: httpx.Response) -> C:
    if answer.is_success:
        with suppress(ValidationError):
            return kind.model_validate_json(answer.content)
    raise Temporary("contact_unavailable")

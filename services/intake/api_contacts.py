"""Where callers can be reached, for the service that sends them messages: many in one request, each on the record."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from chassis.aggregate import To, Written
from chassis.database import PrivateData
from chassis.errors import Invalid, PreconditionFailed, problems
from chassis.http_commands import Commands
from chassis.ids import new_id
from chassis.requests import Body
from chassis.security import Actor, actor_with
from contracts.codes import Id
from contracts.rejected import Rejected
from services.intake import survivors
from services.intake.aggregates import Issues
from services.intake.api_bodies import example
from services.intake.callers import Contact
from services.intake.issue_commands import RevealContact
from services.intake.issue_model import Purpose, appeal_of
from services.intake.problems import PROBLEMS

_MOST = 100
"""As many messages as a sender has on their way at most."""


class AppealOfIssue(Body):
    """诉求 by its own id and that of its issue."""

    issue_id: Id
    appeal_id: Id


class ContactsBody(Body):
    """查看一批联系方式的用途."""

    model_config = example(
        purpose="message",
        appeals=[
            {
                "issue_id": "01900000-0000-7000-8000-000000000001",
                "appeal_id": "01900000-0000-7000-8000-000000000002",
            }
        ],
    )

    purpose: Purpose
    appeals: Annotated[list[AppealOfIssue], Field(min_length=1, max_length=_MOST)]


class ReachedCaller(BaseModel):
    """Personal data; that it was shown is on record. Where it was not, ``code`` says why, as a problem has it."""

    issue_id: Id
    appeal_id: Id
    phone: str | None = None
    email: str | None = None
    code: str | None = Field(default=None, examples=["issue.not_found"])


class Contacts(BaseModel):
    """In the order of the request."""

    contacts: list[ReachedCaller]


def contact_routes(issues: Issues) -> APIRouter:
    """联系方式 of many callers. No more of each than a message needs: neither name, nor words, nor place."""
    router = APIRouter(prefix="/v1/contacts", tags=["issues"])

    @router.post("/reveal", summary="查看一批诉求人的联系方式（逐件留痕）", responses=problems(409))
    async def reveal_contacts(
        body: ContactsBody,
        actor: Annotated[Actor, actor_with("service")],
        commands: Commands,
        secrets: PrivateData,
        response: Response,
    ) -> Contacts:
        """Each is shown after it was recorded who looked and what for; one that cannot be shown costs no other."""
        asked = {appeal.appeal_id: appeal.issue_id for appeal in body.appeals}
        if len(asked) < len(body.appeals):
            code = "issue.appeal_twice"
            raise Invalid("appeals", "unique", PROBLEMS[code], code=code)
        looks = {
            appeal_id: To(issues, issue_id, RevealContact(new_id(), appeal_id, body.purpose, actor.id))
            for appeal_id, issue_id in asked.items()
        }
        replies = await commands.execute_each(looks)
        shown = {id_: appeal_of(reply.state, id_) for id_, reply in replies.items() if isinstance(reply, Written)}
        found = await survivors.contacts_of(secrets, [(asked[id_], appeal) for id_, appeal in shown.items()])
        response.headers["Cache-Control"] = "no-store"
        return Contacts(contacts=[_told(asked[id_], id_, reply, found.get(id_)) for id_, reply in replies.items()])

    return router


def _told(
    issue_id: str, appeal_id: str, reply: Written | Rejected | PreconditionFailed, contact: Contact | None
) -> ReachedCaller:
    if not isinstance(reply, Written):
        return ReachedCaller(issue_id=issue_id, appeal_id=appeal_id, code=reply.code)
    if contact is None:
        return ReachedCaller(issue_id=issue_id, appeal_id=appeal_id, code="issue.no_contact")
    return ReachedCaller(issue_id=issue_id, appeal_id=appeal_id, phone=contact.phone, email=contact.email)

"""Routes of a case's documents, and of the advice that its parties are given. Rules: ``case_documents.py``."""

import asyncio
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from chassis.aggregate import To
from chassis.database import PrivateData
from chassis.errors import problems
from chassis.http_commands import Commands
from chassis.ids import new_id
from chassis.requests import Body
from chassis.security import Actor, actor_with
from contracts.codes import Id
from services.mediation.advice import Advice, advice
from services.mediation.aggregates import Cases
from services.mediation.api_staff import Centre, staff
from services.mediation.case_documents import DOCUMENT, DocumentKind
from services.mediation.case_parts import Purpose
from services.mediation.case_sessions import RevealText
from services.mediation.document_html import to_html
from services.mediation.documents import Content, Document, compose
from services.mediation.private_texts import (
    PARTIES,
    REPRESENTATIVES,
    AgreementTerms,
    PartyText,
    RepresentativeText,
    agreement_name,
)

Anybody = Annotated[Actor, actor_with()]


class Format(StrEnum):
    """文书格式."""

    HTML = "html"
    PDF = "pdf"


MEDIA = {Format.HTML: "text/html", Format.PDF: "application/pdf"}
_FORMATS: dict[str, Any] = {media: {"schema": {"type": "string"}} for media in MEDIA.values()}


class DocumentBody(Body):
    """出具文书."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"purpose": "mediation", "format": "pdf"}]})

    purpose: Purpose = Field(description="用途，留痕")
    format: Format = Format.PDF


def _render(document: Document, format_: Format) -> bytes:
    if format_ is Format.HTML:
        return to_html(document)
    # Imported here because it costs memory that a process which prints nothing need not spend.
    from services.mediation.document_pdf import to_pdf

    return to_pdf(document)


class DocumentRoutes:
    """文书, 告知事项."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self.router = APIRouter(prefix="/v1", tags=["cases 调解案件"])
        self.router.add_api_route(
            "/cases/{case_id}/documents/{kind}",
            self.issue_document,
            methods=["POST"],
            summary="出具文书（留痕）",
            response_class=Response,
            responses={**problems(404, 409, 412), 200: {"description": "文书", "content": _FORMATS}},
        )
        self.router.add_api_route("/advice", self.get_advice, methods=["GET"], summary="调解不成时告知的途径和期限")

    async def issue_document(
        self,
        case_id: Id,
        kind: DocumentKind,
        body: DocumentBody,
        actor: Centre,
        commands: Commands,
        secrets: PrivateData,
    ) -> Response:
        """Make a document with the parties' data, after it was recorded who asked and what for."""
        look = RevealText(new_id(), DOCUMENT + kind, body.purpose, staff(actor))
        case = (await commands.execute(To(self._cases, case_id, look))).state
        people = await secrets.read_all("case", case_id, PARTIES)
        others = await secrets.read_all("case", case_id, REPRESENTATIVES)
        paper = agreement_name(case.agreement_id) if case.agreement_id else ""
        terms = await secrets.read("case", case_id, paper) if paper else None
        content = Content(
            case,
            {name.removeprefix(PARTIES): PartyText.from_private(text) for name, text in people.items()},
            {
                name.removeprefix(REPRESENTATIVES): RepresentativeText.from_private(text)
                for name, text in others.items()
            },
            AgreementTerms.from_private(terms) if terms else None,
        )
        document = compose(kind, content, advice())
        name = f"{case.code}-{kind}.{body.format}"
        return Response(
            await asyncio.to_thread(_render, document, body.format),
            media_type=MEDIA[body.format],
            headers={"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="{name}"'},
        )

    async def get_advice(self, _: Anybody) -> Advice:
        """Where parties may turn when a dispute is not settled, and the time that they have, with its source."""
        return advice()

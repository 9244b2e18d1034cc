"""Routes of 答复模板: the texts, and one of them begun for an order."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from chassis.database import Db
from chassis.errors import document, problems
from contracts.codes import Code, Id
from contracts.rejected import Rejected
from services.router import views
from services.router.aggregates import Orders
from services.router.api_answers import unit_zh
from services.router.api_context import PROBLEMS, Anybody, Handler, Reference, may_see_order, unit_of
from services.router.reply_templates import OfficeData, Purpose, ReplyTemplates, Template

TEMPLATE_PROBLEMS = {"reply_template.not_found": "没有这个答复模板。"}


class ReplyTemplate(BaseModel):
    """答复模板."""

    code: str = Field(examples=["handled"])
    version: str
    purpose: Purpose
    title_zh: str
    text: str
    gaps: list[str] = Field(description="须由经办人填写之处")


class ReplyTemplateList(BaseModel):
    """All of them."""

    items: list[ReplyTemplate]


class ReplyDraft(BaseModel):
    """答复草稿 for one order."""

    code: str
    version: str
    text: str
    gaps: list[str] = Field(description="须由经办人填写之处")


def reply_template_routes(orders: Orders, reference: Reference, templates: ReplyTemplates) -> APIRouter:
    """The texts are for everybody with a token, a draft for the order's own units."""
    router = APIRouter(prefix="/v1", tags=["reply templates 答复模板"])
    document(TEMPLATE_PROBLEMS)

    @router.get("/reply-templates", summary="答复模板")
    async def list_reply_templates(
        _: Anybody, purpose: Annotated[Purpose | None, Query(description="用途")] = None
    ) -> ReplyTemplateList:
        """The version in force of each text."""
        found = (one for one in templates.entries.values() if purpose is None or one.purpose is purpose)
        return ReplyTemplateList(items=[_shown(one) for one in found])

    @router.get("/orders/{order_id}/reply-draft", summary="按模板起草答复", responses=problems(404))
    async def draft_reply(
        order_id: Id, actor: Handler, db: Db, template: Annotated[Code, Query(description="模板代码")] = "handled"
    ) -> ReplyDraft:
        """The text with the office's data filled in; what was done is for the unit to write. Nothing is stored."""
        row = await views.one_order(db, orders, order_id)
        if row is None or not may_see_order(actor, row.state):
            raise Rejected("order.not_found", PROBLEMS["order.not_found"], status=404)
        if (found := templates.entries.get(template)) is None:
            code = "reply_template.not_found"
            raise Rejected(code, TEMPLATE_PROBLEMS[code], field="template", status=404)
        order, snapshot = row.state, reference.snapshot
        item, street = snapshot.items.get(order.item_code), snapshot.streets.get(order.street_code or "")
        data = OfficeData(
            unit=unit_zh(snapshot, unit_of(actor)),
            item=item.item_zh if item else order.item_code,
            street=street.name if street else "",
            order_id=order_id,
            promised_at=order.promised_at,
            now=datetime.now(UTC),
        )
        return ReplyDraft(code=found.code, version=found.version, text=templates.fill(found, data), gaps=found.gaps)

    return router


def _shown(one: Template) -> ReplyTemplate:
    return ReplyTemplate(
        code=one.code,
        version=one.version,
        purpose=one.purpose,
        title_zh=one.title,
        text=one.text,
        gaps=one.gaps,
    )

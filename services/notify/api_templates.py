"""消息模板: which texts there are, and how one reads with example values. A text is changed in its file."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints

from chassis.errors import document, problems
from chassis.security import Actor, actor_with
from contracts.codes import Code
from contracts.rejected import Rejected
from services.notify.templates import Templates, UnknownTemplate

Reader = Annotated[Actor, actor_with("agent", "revisitor", "supervisor", "admin")]
PROBLEMS = {"template.not_found": "没有这个消息模板，或没有这个版本。"}
TemplateName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
_ISSUE = "0190abcd-0000-7000-8000-000000000001"


class TemplateView(BaseModel):
    """A text, and its versions."""

    name: str = Field(examples=["order_dispatched"])
    current: str = Field(description="新消息使用的版本", examples=["1"])
    versions: list[str]
    variables: list[str] = Field(description="当前版本用到的变量", examples=[["number", "promised"]])


class TemplateList(BaseModel):
    """Every text."""

    items: list[TemplateView]


class Preview(BaseModel):
    """示例: what a citizen would read. ``characters`` is what operators charge by."""

    name: str
    version: str
    text: str = Field(examples=["【青城12345】您反映的问题（编号0190abcd）已受理。"])
    characters: int


def template_routes(templates: Templates) -> APIRouter:
    """The routes; see each one's summary."""
    document(PROBLEMS)
    router = APIRouter(prefix="/v1/templates", tags=["templates 消息模板"])

    @router.get("", summary="消息模板及其版本")
    async def list_templates(_: Reader) -> TemplateList:
        """Every text by name."""
        return TemplateList(
            items=[
                TemplateView(
                    name=name,
                    current=entry.current,
                    versions=list(entry.versions),
                    variables=templates.variables(name, entry.current),
                )
                for name, entry in sorted(templates.entries.items())
            ]
        )

    @router.get("/{name}/preview", summary="以示例内容预览一条消息", responses=problems(404))
    async def preview(
        name: TemplateName, _: Reader, version: Annotated[Code | None, Query(description="省略为当前版本")] = None
    ) -> Preview:
        """Render a text with example values; nothing is sent."""
        promised = datetime(2026, 3, 9, 18, tzinfo=templates.zone) + timedelta(days=1)
        try:
            chosen = version or templates.version(name)
            text = templates.render(name, chosen, issue_id=_ISSUE, promised_at=promised)
        except UnknownTemplate:
            raise Rejected("template.not_found", PROBLEMS["template.not_found"], status=404) from None
        return Preview(name=name, version=chosen, text=text, characters=len(text))

    return router

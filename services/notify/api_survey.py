"""回访页面: the routes of the survey page. They are pages for people and no part of the API, so not in its document."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from asyncpg.pool import Pool
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from opentelemetry import context

from chassis.aggregate import To
from chassis.ids import new_id
from chassis.pipeline import Pipeline
from chassis.work import Work
from contracts.codes import Resolution, Satisfaction
from contracts.rejected import Rejected
from services.notify import views
from services.notify.aggregates import Revisits
from services.notify.item_names import ItemNames
from services.notify.reasons import OF_CALLER, Reason
from services.notify.revisit import Revisit, Status
from services.notify.revisit_commands import Answers, Basis, Channel, Record
from services.notify.survey_links import Guesses, SurveyLinks
from services.notify.survey_page import (
    CONTACT_ZH,
    HEADERS,
    LONGEST_COMMENT,
    Filled,
    Matter,
    form_page,
    notice_page,
)

BY = "survey_link"
"""Who recorded what a caller filled in: whoever had the link."""
_PATIENCE = 15.0  # seconds that a caller waits for a database that is away
_OVER = "您的评价已收到，或这次回访已经结束，链接不能再用。如果问题还没有解决，请拨打12345，可在规定时间内重新打开。"


class Notice(Exception):
    """Instead of the form, a page that says why there is none."""

    def __init__(self, status: HTTPStatus, title: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(title)
        self.page = HTMLResponse(notice_page(title, text), status, {**HEADERS, **(headers or {})})


class Survey:
    """The page behind one link: shown by GET, taken by POST."""

    def __init__(
        self,
        pool: Pool,
        pipeline: Pipeline,
        revisits: Revisits,
        links: SurveyLinks,
        guesses: Guesses,
        names: ItemNames,
        zone: ZoneInfo,
    ) -> None:
        self._pool = pool
        self._pipeline = pipeline
        self._revisits = revisits
        self._links = links
        self._guesses = guesses
        self._names = names
        self._zone = zone
        self.router = APIRouter(include_in_schema=False)
        self.router.add_api_route("/survey", self.show, methods=["GET"], response_class=HTMLResponse)
        self.router.add_api_route("/survey", self.take, methods=["POST"], response_class=HTMLResponse)

    async def show(self, request: Request) -> HTMLResponse:
        """The questions, while the link is good and nobody has answered them."""
        try:
            token = request.query_params.get("t", "")
            _, _, matter = await self._open(request, token)
        except Notice as notice:
            return notice.page
        return HTMLResponse(form_page(matter, token, Filled()), headers=HEADERS)

    async def take(self, request: Request) -> HTMLResponse:
        """What was filled in; the call-back is over."""
        values = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
        try:
            token = values.get("t", "")
            id_, revisit, matter = await self._open(request, token)
            answers, errors = read(values, matter.has_unit)
            if answers is None:
                page = form_page(matter, token, Filled(values, errors))
                return HTMLResponse(page, HTTPStatus.UNPROCESSABLE_ENTITY, HEADERS)
            await self._record(id_, revisit, answers, values.get("comment", "").strip())
        except Notice as notice:
            return notice.page
        text = "谢谢您的评价。说没有解决的，我们会交承办单位重新办理或由专人复核，再联系您。"
        return HTMLResponse(notice_page("评价已收到", text), headers=HEADERS)

    async def _open(self, request: Request, token: str) -> tuple[str, Revisit, Matter]:
        """What the token stands for. Raises ``Notice`` if it is wrong, expired or used."""
        now = datetime.now(UTC)
        address = request.client.host if request.client else ""
        if wait := self._guesses.wait(address, now):
            text = "打开无效链接的次数过多，请稍后再试，或拨打12345。"
            raise Notice(HTTPStatus.TOO_MANY_REQUESTS, "请稍后再试", text, {"Retry-After": str(wait)})
        found = await self._links.find(token)
        row = None if found is None else await views.find_revisit(self._pool, self._revisits, found.revisit_id)
        if found is None or row is None:
            self._guesses.wrong(address, now)
            text = "这个链接不正确，请核对短信中的链接是否完整；也可以等候我们电话回访，或拨打12345。"
            raise Notice(HTTPStatus.NOT_FOUND, "链接无效", text)
        if row.state.status is not Status.OPEN:
            raise Notice(HTTPStatus.GONE, "链接已使用", _OVER)
        if found.expires_at <= now:
            text = "这个链接已过有效期。我们会电话回访您；如果问题还没有解决，也可以拨打12345。"
            raise Notice(HTTPStatus.GONE, "链接已过期", text)
        revisit = row.state
        matter = Matter(
            item=await self._names.category(revisit.item_code),
            ended_at=None if revisit.ended_at is None else revisit.ended_at.astimezone(self._zone),
            until=found.expires_at.astimezone(self._zone),
            has_unit=revisit.basis is not Basis.ANSWER,
        )
        return row.id, revisit, matter

    async def _record(self, id_: str, revisit: Revisit, answers: Answers, comment: str) -> None:
        record = Record(answers, BY, Channel.SURVEY_LINK, commented=bool(comment))
        work = Work(
            to=[To(self._revisits, id_, record, {"comment": comment} if comment else {})],
            actor=BY,
            identity=f"survey/{id_}/{new_id()}",
            parent=context.get_current(),
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._pipeline.submit(work)
        except TimeoutError:
            text = "系统暂时不可用，请过几分钟用同一链接再提交一次。"
            raise Notice(HTTPStatus.SERVICE_UNAVAILABLE, "请稍后再试", text, {"Retry-After": "60"}) from None
        except Rejected:  # somebody else was faster, on the telephone or in another window
            raise Notice(HTTPStatus.GONE, "链接已使用", _OVER) from None


def read(values: Mapping[str, str], has_unit: bool) -> tuple[Answers | None, dict[str, str]]:
    """What was filled in, or what is wrong with it."""
    errors: dict[str, str] = {}
    contact, resolution, satisfaction = (values.get(name, "") for name in ("contact", "resolution", "satisfaction"))
    reason, comment = values.get("reason", ""), values.get("comment", "")
    if has_unit and contact not in CONTACT_ZH:
        errors["contact"] = "请选择承办单位是否联系过您"
    if resolution not in set(Resolution):
        errors["resolution"] = "请选择问题是否解决"
    if satisfaction not in set(Satisfaction):
        errors["satisfaction"] = "请选择满意程度"
    if (reason or resolution in (Resolution.NO, Resolution.PARTLY)) and reason not in OF_CALLER:
        errors["reason"] = "请选择没有解决或只解决了一部分的主要原因"
    if len(comment) > LONGEST_COMMENT or "\x00" in comment:
        errors["comment"] = f"留言最多{LONGEST_COMMENT}字，不能含有特殊控制字符"
    if errors:
        return None, errors
    return (
        Answers(
            contacted=contact != "none" if has_unit else None,
            in_time=contact == "in_time" if has_unit else None,
            resolution=Resolution(resolution),
            satisfaction=Satisfaction(satisfaction),
            reason=Reason(reason) if reason else None,
        ),
        {},
    )

"""Routes of Open311 GeoReport v2: request -> command, row -> answer, in XML and JSON.

Its answers, refusals and keys are the specification's; what we added and left out: ``docs/open311.md``.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from asyncpg.pool import Pool
from fastapi import APIRouter, Request, Response

from chassis.database import Db, PrivateData, Secrets
from chassis.errors import Invalid
from chassis.http_commands import Commands
from chassis.ids import new_id
from chassis.reference import CITY
from chassis.security import Actor
from contracts.codes import Agency, Channel
from contracts.rejected import Rejected
from services.intake import survivors, views
from services.intake.callers import Contact
from services.intake.open311 import documents, forms, telling
from services.intake.open311 import views as open311_views
from services.intake.open311.answers import Created, Definition, Discovery, Endpoint, Service, ServiceRequest, Token
from services.intake.open311.formats import MEDIA_TYPES, Format, Open311Route, respond
from services.intake.open311.keys import Keys, Partner
from services.intake.reference_checks import Reference
from services.intake.reference_data import Item
from services.intake.registering import Arrival, Registering
from services.intake.settings import IntakeSettings

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Open311Routes:
    """服务发现, 服务事项, 登记, 诉求查询. Without a key everybody sees the same, and nobody's words."""

    def __init__(self, registering: Registering, reference: Reference, settings: IntakeSettings) -> None:
        self._registering = registering
        self._reference = reference
        self._settings = settings
        self._keys = Keys(settings.open311_keys)
        self.router = APIRouter(
            prefix="/open311", tags=["open311"], route_class=Open311Route, responses=documents.REFUSALS
        )
        asked, listed = documents.query(forms.Asked), documents.query(forms.ListQuery)
        for suffix in Format:
            self._get(suffix, "/discovery", self.discover, "服务发现", Discovery, {})
            self._get(suffix, "/v2/services", self.list_services, "服务事项", list[Service], asked)
            self._get(suffix, "/v2/services/{service_code}", self.define_service, "服务定义", Definition, asked)
            self._get(suffix, "/v2/requests", self.list_requests, "诉求列表", list[ServiceRequest], listed)
            one = "/v2/requests/{service_request_id}"
            self._get(suffix, one, self.get_request, "诉求", list[ServiceRequest], asked)
            self._get(suffix, "/v2/tokens/{token}", self.get_token, "由凭条查编号", list[Token], asked)
            self._add("POST", suffix, "/v2/requests", self.create_request, "登记诉求", list[Created], documents.form())
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        self.router.add_api_route("/{rest:path}", self.refuse_unknown, methods=methods, include_in_schema=False)

    def _get(self, suffix: Format, path: str, route: Any, summary: str, shape: Any, extra: dict[str, Any]) -> None:
        self._add("GET", suffix, path, route, summary, shape, extra)

    def _add(
        self, method: str, suffix: Format, path: str, route: Any, summary: str, shape: Any, extra: dict[str, Any]
    ) -> None:
        self.router.add_api_route(
            f"{path}.{suffix}",
            route,
            methods=[method],
            name=f"open311_{route.__name__}_{suffix}",
            summary=summary,
            response_class=Response,
            responses=documents.answers(suffix, shape),
            openapi_extra=extra,
        )

    async def discover(self, request: Request, db: Db) -> Response:
        """Say where this API is, what it speaks, and when its catalogue changed last."""
        changed = await open311_views.catalogue_changed_at(db, self._reference.snapshot.version)
        changeset = f"{changed.astimezone(CITY):%Y-%m-%d %H:%M}" if changed else ""
        public = self._settings.open311_url
        endpoint = Endpoint(
            specification=SPECIFICATION,
            url=public or f"{request.base_url}open311/v2",
            changeset=changeset,
            type="production" if public else "test",
            formats=[kind.partition(";")[0] for kind in MEDIA_TYPES.values()],
        )
        contact = self._settings.open311_contact
        found = Discovery(
            changeset=changeset, contact=contact, key_service=f"申请 api_key：{contact}", endpoints=[endpoint]
        )
        return respond(request.scope["path"], "discovery", found)

    async def list_services(self, request: Request) -> Response:
        """List what may be asked for: the items of the dispatch catalogue."""
        self._asked(request)
        items = self._reference.snapshot.items
        return respond(request.scope["path"], "services", [telling.service(items[code]) for code in sorted(items)])

    async def define_service(self, request: Request, service_code: str) -> Response:
        """Show what may be told besides; a service without ``metadata`` has no such thing."""
        self._asked(request)
        found = telling.definition(self._item(service_code), self._reference.snapshot)
        return respond(request.scope["path"], "service_definition", found)

    async def create_request(self, request: Request, commands: Commands) -> Response:
        """Take an appeal down, as ``POST /v1/issues`` does, in the name of the partner whose key it is."""
        fields = await forms.read_form(request)
        partner = self._keys.partner(fields.get("api_key", ""))
        self._check_jurisdiction(fields.get("jurisdiction_id"))
        form = forms.check(forms.RequestForm, fields)
        item = self._item(form.service_code)
        street, place = self._street(form, item), form.division_code
        arrival = Arrival(
            Channel.PARTNER, street_code=street, division_code=place, partner=partner.id, wanted_item=item.code
        )
        request.state.actor = Actor(partner.id, frozenset({"partner"}), None)
        written = await self._registering.register(commands, new_id(), _contact(form, partner, item), arrival)
        created = Created(service_request_id=written.id, service_notice=_notice(written.state.emergency))
        return respond(request.scope["path"], "service_requests", [created])

    async def list_requests(self, request: Request, db: Db, secrets: PrivateData) -> Response:
        """List what came in by Open311, the latest first, at most a thousand of ninety days at a time."""
        query = forms.read_query(request, forms.ListQuery)
        partner = self._allowed(query)
        headers: dict[str, str] = {}
        if query.service_request_id:
            rows = await open311_views.by_id(db, [id_ for id_ in query.service_request_id if _ID.fullmatch(id_)])
        else:
            start, end = query.span(datetime.now(UTC))
            codes, status = query.service_code, frozenset(query.status)
            wanted = open311_views.Wanted(start, end, codes, status, query.page, query.page_size)
            rows = await open311_views.listed(db, wanted)
            if len(rows) > query.page_size:
                rows = rows[: query.page_size]
                following = request.url.include_query_params(page=query.page + 1).remove_query_params("api_key")
                headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
        shown = await self._shown(db, secrets, rows, partner)
        return respond(request.scope["path"], "service_requests", shown, headers=headers)

    async def get_request(self, request: Request, service_request_id: str, db: Db, secrets: PrivateData) -> Response:
        """Show one request."""
        partner = self._allowed(forms.read_query(request, forms.Asked))
        rows = [await _found(db, service_request_id)]
        return respond(request.scope["path"], "service_requests", await self._shown(db, secrets, rows, partner))

    async def get_token(self, request: Request, token: str, db: Db) -> Response:
        """Answer whoever takes a request's id for a token: every service is realtime, and there are no others."""
        self._asked(request)
        row = await _found(db, token)
        return respond(request.scope["path"], "service_requests", [Token(service_request_id=row.id, token=token)])

    async def refuse_unknown(self, rest: str) -> Response:
        """What there is not, or not by this method, is not there in Open311's form, too."""
        raise Rejected("open311.unknown_address", f"没有这个地址：{rest[:100]}", status=404)

    def _asked(self, request: Request) -> None:
        self._check_jurisdiction(forms.read_query(request, forms.Asked).jurisdiction_id)

    def _allowed(self, query: forms.Asked) -> Partner | None:
        """The partner who asks, None for the public."""
        partner = self._keys.partner(query.api_key) if query.api_key is not None else None
        self._check_jurisdiction(query.jurisdiction_id)
        return partner

    def _check_jurisdiction(self, asked: str | None) -> None:
        own = self._settings.open311_jurisdiction
        if own is not None and (asked or "").strip() not in ("", own):
            code = "open311.unknown_jurisdiction"
            raise Rejected(code, f"本接口的辖区是 {own}", field="jurisdiction_id", status=404)

    def _item(self, code: str) -> Item:
        item = self._reference.snapshot.items.get(code)
        if item is None:
            message = "派单目录中没有这个事项"
            raise Rejected("open311.unknown_service", message, field="service_code", status=404)
        return item

    def _street(self, form: forms.RequestForm, item: Item) -> str | None:
        """The street, by code of a division or by attribute; an address is for a person to read."""
        if form.address_string is None and form.address_id is None and (form.lat is None or form.long is None):
            raise Invalid("lat", "location", "lat 和 long、address_string、address_id 三者须有其一")
        if (form.lat is None) != (form.long is None):
            raise Invalid("lat", "location", "lat 和 long 须同时给出")
        told = dict(form.attribute)
        chosen = told.pop(telling.STREET, []) if telling.asks_for_street(item) else []
        if told or len(chosen) > 1:
            raise Invalid("attribute", "attribute", "不在该服务的定义中，或给出了不止一个值")
        if form.division_code is not None:
            return self._reference.street_of(next(iter(chosen), None), form.division_code, "address_id")
        streets = {*chosen, *([form.address_id] if form.address_id else [])}
        if len(streets) > 1:
            raise Invalid("address_id", "contradiction", "与 attribute[street] 不是同一街道")
        street = next(iter(streets), None)
        self._reference.check_street(street)
        return street

    async def _shown(
        self, db: Pool, secrets: Secrets, rows: Sequence[open311_views.Row], partner: Partner | None
    ) -> list[ServiceRequest]:
        living = [row.living_id for row in rows]
        progress, ended = await views.progress_of(db, living), await open311_views.ended_at(db, living)
        units = await open311_views.responsible_units(db, living)
        own = [row for row in rows if partner is not None and row.issue.partner == partner.id]
        # What the partner sent: whoever joined later is somebody else.
        contacts = await survivors.first_contacts(secrets, {row.id: row.issue for row in own})
        reference, now = self._reference.snapshot, datetime.now(UTC)
        return [
            telling.request(
                row,
                telling.Known(
                    progress[row.living_id], units[row.living_id], ended.get(row.living_id), contacts.get(row.id)
                ),
                reference,
                now,
            )
            for row in rows
        ]


def _notice(emergency: Agency | None) -> str:
    if emergency is not None:
        return f"可能有危险，请立即拨打 {emergency}。"
    return "已登记；受理后按承诺时间办理，办结后回访。"


def _contact(form: forms.RequestForm, partner: Partner, item: Item) -> Contact:
    """Who calls and what about; without words it is about the service."""
    return Contact(
        *(form.name, form.phone or partner.phone, form.description or item.item_zh),
        *(form.address_string, form.lat, form.long),
        email=form.email,
        media_url=form.media_url,
    )


async def _found(db: Pool, id_: str) -> open311_views.Row:
    rows = await open311_views.by_id(db, [id_]) if _ID.fullmatch(id_) else []
    if not rows:
        raise Rejected("open311.unknown_request", "没有这个编号", field="service_request_id", status=404)
    return rows[0]

"""What GeoReport v2 takes: the form of a request, and the questions of its lists.

An empty field is as good as none, as the specification says. What we would not use is refused and not dropped, but for
``device_id`` and ``account_id``: every client may send them, and there is no purpose to keep them for.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, AnyHttpUrl, Field, StringConstraints, TypeAdapter, ValidationError

from chassis.errors import Invalid
from chassis.requests import Body, Instant, LongText, ShortText
from services.intake.api_bodies import Phone, example
from services.intake.open311.answers import RequestStatus

B = TypeVar("B", bound=Body)
FORM = "application/x-www-form-urlencoded"
LONGEST_SPAN = timedelta(days=90)
MOST_REQUESTS = 1000
"""Both: GeoReport v2, GET Service Requests, "Response Volume"."""
_MOST_FIELDS = 200
_MOST_PAGES = 10_000
_ATTRIBUTE = re.compile(r"attribute\[([A-Za-z0-9_]{1,64})\](?:\[\])?")
_URL = TypeAdapter(AnyHttpUrl)


def _is_web_address(value: str) -> str:
    _URL.validate_python(value)
    return value


class RequestForm(Body):
    """登记 by a partner."""

    model_config = example(
        api_key="…",
        service_code="0101",
        lat=40.8,
        long=111.69,
        address_string="大学东路某小区3单元",
        description="屋里只有十五度，暖气片摸着是凉的。",
        last_name="赵",
        first_name="示例",
        phone="13800001001",
    )

    api_key: ShortText
    jurisdiction_id: ShortText | None = None
    service_code: ShortText = Field(description="派单目录事项")
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    long: Annotated[float, Field(ge=-180, le=180)] | None = None
    address_string: ShortText | None = Field(default=None, description="地点，按诉求人所说")
    address_id: Annotated[str, Field(pattern=r"^[0-9]{9}([0-9]{3}){0,2}$")] | None = Field(
        default=None, description="街道（9 位）、社区（12 位）或网格（15 位）代码"
    )
    description: LongText | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)] | None = None
    first_name: ShortText | None = Field(default=None, description="名")
    last_name: ShortText | None = Field(default=None, description="姓")
    phone: Phone | None = Field(default=None, description="诉求人电话；不填则回访合作方")
    media_url: Annotated[str, StringConstraints(max_length=2000), AfterValidator(_is_web_address)] | None = None
    device_id: ShortText | None = Field(default=None, description="不保存")
    account_id: ShortText | None = Field(default=None, description="不保存")
    attribute: dict[str, list[str]] = Field(default={}, description="attribute[代码]=值，见服务定义")

    @property
    def division_code(self) -> str | None:
        """The community 社区 or grid 网格, if ``address_id`` is the code of one."""
        return self.address_id if self.address_id and len(self.address_id) > 9 else None

    @property
    def name(self) -> str:
        """姓名, as Chinese names are written."""
        return f"{self.last_name or ''}{self.first_name or ''}" or "匿名"


class Asked(Body):
    """What may be asked of anything: for whom, and where."""

    jurisdiction_id: ShortText | None = Field(default=None, description="本接口只服务一个城市，可省略")
    api_key: ShortText | None = Field(default=None, description="合作方密钥；有则可看到自己提交的内容")


class ListQuery(Asked):
    """Which requests. ``page`` and ``page_size`` are the extension that most servers have."""

    service_request_id: Annotated[list[ShortText], Field(max_length=MOST_REQUESTS)] = Field(
        default=[], description="编号，逗号分隔；有则不看其他条件"
    )
    service_code: list[ShortText] = Field(default=[], description="派单目录事项，逗号分隔")
    start_date: Instant | None = Field(default=None, description="提交时间不早于，带时区")
    end_date: Instant | None = Field(default=None, description="提交时间不晚于，带时区；跨度不超过 90 天")
    status: list[RequestStatus] = Field(default=[], description="open、closed，逗号分隔")
    page: Annotated[int, Field(ge=1, le=_MOST_PAGES)] = 1
    page_size: Annotated[int, Field(ge=1, le=MOST_REQUESTS)] = MOST_REQUESTS

    def span(self, now: datetime) -> tuple[datetime, datetime]:
        """From when until when: as asked, 90 days from or to what was asked, or the most recent 90 days.

        Raises ``open311.span_too_long``.
        """
        end = self.end_date or min(now, self.start_date + LONGEST_SPAN if self.start_date else now)
        start = self.start_date or end - LONGEST_SPAN
        if end - start > LONGEST_SPAN:
            code = "open311.span_too_long"
            raise Invalid("end_date", code, "start_date 与 end_date 相差不能超过 90 天", code=code)
        return start, end


_LISTS = frozenset({"service_request_id", "service_code", "status"})
_DATES = frozenset({"start_date", "end_date"})


async def read_form(request: Request) -> dict[str, Any]:
    """The fields of a form, and its attributes; raises what says why it is none."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != FORM:
        raise Invalid("Content-Type", "media_type", f"应为 {FORM}")
    try:
        pairs = parse_qsl((await request.body()).decode(), errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Invalid("body", "form", f"应为 UTF-8 的表单，最多 {_MOST_FIELDS} 项") from None
    attributes: dict[str, list[str]] = {}
    plain: list[tuple[str, str]] = []
    for name, value in pairs:
        if found := _ATTRIBUTE.fullmatch(name):
            attributes.setdefault(found[1], []).append(value)
        else:
            plain.append((name, value))
    return {**_once(plain), **({"attribute": attributes} if attributes else {})}


def _once(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields:
            raise Invalid(name[:100], "repeated", "只能填写一次")
        if value.strip():
            fields[name] = value
    return fields


def read_query(request: Request, shape: type[B]) -> B:
    """The question of a list or of one thing."""
    fields: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if not value.strip():
            continue
        if name in _LISTS:
            fields.setdefault(name, []).extend(part.strip() for part in value.split(",") if part.strip())
        elif name in fields:
            raise Invalid(name[:100], "repeated", "只能填写一次")
        else:
            # "+08:00" that a client has not escaped arrives as " 08:00".
            fields[name] = value.replace(" ", "+") if name in _DATES else value
    return check(shape, fields)


def check(shape: type[B], fields: Mapping[str, Any]) -> B:
    """The fields as what they should be. Raises ``RequestValidationError``, which names each fault."""
    try:
        return shape.model_validate(fields)
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors(include_url=False)]
        raise RequestValidationError(faults) from None

"""What GeoReport v2 answers: the fields of its specification, no more. Field order is that of its tables."""

from enum import StrEnum

from pydantic import BaseModel, Field


class Fault(BaseModel):
    """One thing that is wrong with what was asked."""

    code: int = Field(examples=[404])
    description: str = Field(examples=["service_code：派单目录中没有这个事项（open311.unknown_service）"])


class Endpoint(BaseModel):
    """One address at which this API is served."""

    specification: str
    url: str
    changeset: str
    type: str
    formats: list[str]


class Discovery(BaseModel):
    """服务发现: who serves what, where, and since when it is as it is."""

    changeset: str = Field(description="目录最近一次变动的时间", examples=["2026-03-02 09:10"])
    contact: str
    key_service: str
    endpoints: list[Endpoint]


class Service(BaseModel):
    """派单目录 item, as something to ask for."""

    service_code: str = Field(examples=["0101"])
    service_name: str = Field(examples=["室温不达标"])
    description: str
    metadata: bool = Field(description="是否另有可填的项目，见服务定义")
    type: str = Field(description="总是 realtime：提交后即得编号")
    keywords: str
    group: str


class Value(BaseModel):
    """A choice."""

    key: str
    name: str


class Attribute(BaseModel):
    """A question that goes with a service."""

    variable: bool
    code: str
    datatype: str
    required: bool
    datatype_description: str | None
    order: int
    description: str
    values: list[Value]


class Definition(BaseModel):
    """服务定义: what else may be told with a request."""

    service_code: str
    attributes: list[Attribute]


class Created(BaseModel):
    """What a request has become."""

    service_request_id: str
    service_notice: str | None
    account_id: str | None = None


class Token(BaseModel):
    """The request that a token stands for."""

    service_request_id: str
    token: str


class RequestStatus(StrEnum):
    """The two statuses of GeoReport."""

    OPEN = "open"
    CLOSED = "closed"


class ServiceRequest(BaseModel):
    """诉求事项, as GeoReport shows it. Words, exact place and picture only to whoever brought them."""

    service_request_id: str
    status: RequestStatus
    status_notes: str | None
    service_name: str | None
    service_code: str
    description: str | None = Field(description="只给提交者看")
    agency_responsible: str | None = Field(description="承办单位；派单前为 null，双派的以顿号分隔，主办在前")
    service_notice: str | None = None
    requested_datetime: str
    updated_datetime: str
    expected_datetime: str | None = Field(description="承诺时间；派单前为 null")
    address: str | None = Field(description="街道；提交者另见其所写的地点")
    address_id: str | None = Field(description="街道代码")
    zipcode: str | None = None
    lat: float | None = Field(description="只给提交者看")
    long: float | None = Field(description="只给提交者看")
    media_url: str | None = Field(description="只给提交者看：照片可能拍到人和住处")

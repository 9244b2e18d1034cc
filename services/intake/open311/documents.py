"""What OpenAPI tells of the Open311 routes, whose queries and form are read by hand."""

from typing import Any

from chassis.requests import Body
from services.intake.open311.answers import Fault
from services.intake.open311.formats import Format
from services.intake.open311.forms import FORM, RequestForm

Responses = dict[int | str, dict[str, Any]]
_XML = {"text/xml": {"schema": {"type": "string", "description": "字段与 .json 相同"}}}


def _refusal(description: str) -> dict[str, Any]:
    return {"description": description, "model": list[Fault], "content": _XML}


REFUSALS: Responses = {
    400: _refusal("请求不正确"),
    403: _refusal("缺少 api_key，或密钥无效"),
    404: _refusal("没有这个服务事项、编号或辖区"),
    "default": _refusal("暂时不可用"),
}


def answers(format_: Format, shape: Any) -> Responses:
    """A route's answer when nothing is wrong."""
    if format_ is Format.XML:
        return {200: {"description": "OK", "content": _XML}}
    return {200: {"description": "OK", "model": shape}}


def query(shape: type[Body]) -> dict[str, Any]:
    """The parameters of a question."""
    fields: dict[str, Any] = shape.model_json_schema()["properties"]
    parameters = [{"name": name, "in": "query", "required": False, "schema": _schema(fields[name])} for name in fields]
    return {"parameters": parameters}


def _schema(field: dict[str, Any]) -> dict[str, Any]:
    return {"type": "string", "description": field.get("description", "")}


def form() -> dict[str, Any]:
    """The body of a request."""
    return {"requestBody": {"required": True, "content": {FORM: {"schema": RequestForm.model_json_schema()}}}}

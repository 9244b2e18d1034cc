"""What the public is told of a request: no caller's data, and nothing of other callers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.reference import CITY
from contracts.codes import ClosingOutcome
from services.intake.callers import Contact
from services.intake.issue_model import OPEN, STATUS_ZH, Issue, Status
from services.intake.open311.answers import Attribute, Definition, RequestStatus, Service, ServiceRequest, Value
from services.intake.open311.views import Row
from services.intake.reference_data import IntakeReference, Item, Lead
from services.intake.views import Progress

STREET = "street"
"""The attribute by which a request may say in which street 街道 it is."""
_OUTCOME_ZH = {
    ClosingOutcome.RESOLVED: "经回访，诉求人表示已解决",
    ClosingOutcome.EXPLAINED: "诉求超出法律、政策规定，已作解释",
    ClosingOutcome.UNREACHED: "回访未能联系上诉求人",
}
_OFFICE_ZH = {"legal": "司法", "public_opinion": "网信"}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a request besides its state: its order, the units that have it, when it ended.

    ``contact`` only for whoever brought it.
    """

    progress: Progress
    units: Sequence[str]
    ended_at: datetime | None
    contact: Contact | None


def service(item: Item) -> Service:
    """A catalogue item. Where its street decides who handles it, the street is asked for."""
    return Service(
        service_code=item.code,
        service_name=item.item_zh,
        description=f"{item.category_zh}：{item.item_zh}（{item.item_en}）",
        metadata=asks_for_street(item),
        type="realtime",
        keywords=",".join(item.keywords),
        group=item.category_zh,
    )


def asks_for_street(item: Item) -> bool:
    """Whether the dispatch of an item goes by where it is: 属地, 双派双考."""
    return item.lead is not Lead.SECTOR


def definition(item: Item, reference: IntakeReference) -> Definition:
    """What may be told besides."""
    streets = [Value(key=street.code, name=street.name) for street in reference.streets.values()]
    street = Attribute(
        variable=True,
        code=STREET,
        datatype="singlevaluelist",
        required=False,
        datatype_description="街道代码，9 位",
        order=1,
        description="所在街道、乡镇；不知道可不选，由话务员确定",
        values=streets,
    )
    return Definition(service_code=item.code, attributes=[street] if asks_for_street(item) else [])


def request(row: Row, known: Known, reference: IntakeReference, now: datetime) -> ServiceRequest:
    """An issue as GeoReport shows it."""
    code = row.issue.item_code or row.issue.wanted_item or ""
    item = reference.items.get(code)
    street = reference.streets.get(row.issue.street_code or "")
    is_open = row.living.status in OPEN
    contact = known.contact
    places = [contact.place if contact else None, street.name if street else None]
    return ServiceRequest(
        service_request_id=row.id,
        status=RequestStatus.OPEN if is_open else RequestStatus.CLOSED,
        status_notes=notes(row, reference, late=is_open and known.progress.is_late(now)),
        service_name=item.item_zh if item else None,
        service_code=code,
        description=contact.text if contact else None,
        agency_responsible="、".join(_names(known.units, reference)) or None,
        requested_datetime=_w3(row.issue.received_at or row.updated_at),
        updated_datetime=_w3(row.updated_at if is_open else known.ended_at or row.updated_at),
        expected_datetime=_w3(known.progress.promised_at) if known.progress.promised_at else None,
        address="，".join(place for place in places if place) or None,
        address_id=(row.issue.division_code if contact else None) or row.issue.street_code,
        lat=contact.lat if contact else None,
        long=contact.lon if contact else None,
        media_url=contact.media_url if contact else None,
    )


def _names(units: Sequence[str], reference: IntakeReference) -> list[str]:
    """What they are called; one that the directory does not know is told by its code, rather than left out."""
    return [reference.units[code].name_zh if code in reference.units else code for code in units]


def notes(row: Row, reference: IntakeReference, *, late: bool) -> str:
    """办理情况 in words."""
    parts = [STATUS_ZH[row.living.status], _why(row.living, reference)]
    if row.issue.status is Status.MERGED:
        parts.insert(0, "已与同一事件的其他诉求合并办理")
    if late:
        parts.append("已超过承诺时间，仍在办理")
    return "；".join(part for part in parts if part)


def _why(issue: Issue, reference: IntakeReference) -> str | None:
    match issue.status:
        case Status.CLOSED if issue.outcome is not None:
            return _OUTCOME_ZH[issue.outcome]
        case Status.TRANSFERRED if issue.agency is not None:
            return f"由 {issue.agency} 处置"
        case Status.TRANSFERRED if issue.online_class is not None:
            return f"由{_OFFICE_ZH[issue.online_class]}部门处理"
        case Status.ANSWERED if issue.knowledge is not None:
            entry = reference.knowledge.get(issue.knowledge[0])
            return entry.answer_zh if entry else None
        case Status.DECLINED if issue.exclusion is not None:
            exclusion = reference.exclusions.get(issue.exclusion[0])
            return f"{exclusion.item_zh}；{exclusion.redirect}" if exclusion else None
        case _:
            return None


def _w3(time: datetime) -> str:
    """W3C's subset of ISO 8601, in the city's time."""
    return time.astimezone(CITY).isoformat(timespec="seconds")

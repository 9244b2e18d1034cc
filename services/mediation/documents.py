"""Documents 文书 of a case, as titles, headings and lines. ``document_html.py`` and ``document_pdf.py`` show the same.

Articles without another name are those of 人民调解法; 规定: 最高人民法院关于人民调解协议司法确认程序的若干规定. Every
document names the law that asks for it. Hands are put to the paper: what is printed has lines for them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.reference import CITY
from contracts.mediation import Signature
from services.mediation.advice import Advice
from services.mediation.case_documents import DocumentKind
from services.mediation.case_door import Acting
from services.mediation.case_model import Case, Side
from services.mediation.private_texts import AgreementTerms, PartyText, RepresentativeText

SIDES = {Side.APPLICANT: "申请人", Side.RESPONDENT: "被申请人"}
ACTING = {Acting.GUARDIAN: "监护人", Acting.AGENT: "委托代理人"}
WAYS = {"signature": "签名", "seal": "盖章", "fingerprint": "按指印"}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it; ``hands`` are lines for signatures."""

    heading: str
    lines: Sequence[str]
    hands: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A document with its number 编号 and the law that it rests on."""

    title: str
    number: str
    sections: Sequence[Section]
    basis: str


@dataclass(frozen=True, slots=True)
class Content:
    """What a document is made of: the case, who its parties are and who acts for them, and what they agreed, if so."""

    case: Case
    parties: Mapping[str, PartyText]
    representatives: Mapping[str, RepresentativeText]
    terms: AgreementTerms | None


def compose(kind: DocumentKind, content: Content, advice: Advice) -> Document:
    """The document of this kind; the case must have it (``case_documents.py``)."""
    match kind:
        case DocumentKind.AGREEMENT:
            return _agreement(content)
        case DocumentKind.ORAL_RECORD:
            return _oral_record(content)
        case DocumentKind.CONFIRMATION_APPLICATION:
            return _application(content)
        case DocumentKind.FAILURE_NOTICE:
            return _failure_notice(content, advice)


def _agreement(content: Content) -> Document:
    """29: contents, and the hands that make it valid."""
    case = content.case
    signed = {signature.party_id: signature for signature in case.paper.signatures}
    hands = [f"{who}（{_hand(content, signed.get(party_id))}）：" for party_id, who in _named(content).items()]
    return Document(
        "人民调解协议书",
        case.code,
        [
            Section("当事人", _people(content)),
            *_terms(content),
            Section("生效", [f"自{_day(case.paper.effective_at)}起生效。各方当事人各执一份，人民调解委员会留存一份。"]),
            Section("签名", [*hands, f"人民调解员（工号{case.mediator}）：", "人民调解委员会（印章）："], hands=True),
        ],
        "人民调解法第二十八条、第二十九条",
    )


def _oral_record(content: Content) -> Document:
    """28: the mediator records what was agreed."""
    case = content.case
    return Document(
        "人民调解口头协议登记表",
        case.code,
        [
            Section("当事人", _people(content)),
            *_terms(content),
            Section("生效", [f"口头协议自各方达成协议之日即{_day(case.paper.effective_at)}起生效。"]),
            Section("记录", [f"人民调解员（工号{case.mediator}）："], hands=True),
        ],
        "人民调解法第二十八条、第三十条",
    )


def _application(content: Content) -> Document:
    """规定 3: what the court is asked, and what comes with it."""
    case = content.case
    until = _day(case.confirmation_until)
    return Document(
        "司法确认申请书",
        case.code,
        [
            Section("申请人（各方当事人共同申请）", _people(content)),
            Section("请求事项", [f"请求依法确认编号{case.code}的人民调解协议有效。"]),
            Section(
                "事实和理由",
                [
                    f"各方当事人经人民调解委员会（{case.committee}）调解，于{_day(case.paper.effective_at)}自愿达成协议。",
                    f"本申请应在{until}前共同提出。",
                    "各方承诺：协议出于自愿，没有恶意串通、规避法律；因该内容损害他人的，愿意承担相应法律责任。",
                    "本协议不涉及身份关系、收养关系、婚姻关系的确认。",
                ],
            ),
            Section(
                "所附材料", ["调解协议", "身份证明、资格证明", "与协议相关的财产权利证明等材料", "送达地址和联系方式"]
            ),
            Section(
                f"此致　人民法院（{case.court or '　　　　'}）", [f"{who}：" for who in _named(content).values()], True
            ),
        ],
        "人民调解法第三十三条；人民调解协议司法确认程序的若干规定第三条",
    )


def _failure_notice(content: Content, advice: Advice) -> Document:
    """26: the mediation ends, and the parties are told of the other ways and of the time that they have."""
    case = content.case
    ways = [
        f"{'【建议】' if case.guidance == guidance else ''}{way.title}：{way.limit}。（{way.basis}）"
        for guidance, way in advice.ways.items()
    ]
    return Document(
        "人民调解终止告知书",
        case.code,
        [
            Section("当事人", _people(content)),
            Section("告知", ["本纠纷经调解未能解决，现依法终止调解。各方可以依法通过下列途径维护自己的权利："]),
            Section(f"途径和期限（{advice.version}版）", ways),
            Section("签收", [f"{who}：" for who in _named(content).values()], hands=True),
        ],
        "人民调解法第四条、第二十六条；调解不收取任何费用",
    )


def _terms(content: Content) -> list[Section]:
    terms = content.terms
    if terms is None:
        return []
    dates = [f"第{one.number}期：{_day(one.due)}前履行" for one in content.case.instalments]
    return [
        Section("当事人的基本情况", [terms.parties]),
        Section("纠纷的主要事实、争议事项以及各方的责任", [terms.facts]),
        Section("协议内容", [terms.contents]),
        Section("履行的方式、期限", [terms.performance, *dates]),
    ]


def _people(content: Content) -> list[str]:
    lines = []
    for party_id, who in _named(content).items():
        lines.append(f"{who}　联系方式：{content.parties[party_id].contact}")
        for one in content.case.representatives:
            if one.party_id == party_id:
                text = content.representatives[one.representative_id]
                lines.append(f"{ACTING[one.kind]} {text.name}　联系方式：{text.contact}")
    return lines


def _hand(content: Content, signature: Signature | None) -> str:
    """How a party put its hand to the agreement, and by whom."""
    if signature is None:
        return "签名、盖章或者按指印"
    way = WAYS.get(signature.way, signature.way)
    if signature.representative_id is None:
        return way
    return f"{content.representatives[signature.representative_id].name}代为{way}"


def _named(content: Content) -> dict[str, str]:
    return {
        party.party_id: f"{SIDES[Side(party.side)]} {content.parties[party.party_id].name}"
        for party in content.case.parties
    }


def _day(instant: datetime | None) -> str:
    if instant is None:
        return "　　　　年　　月　　日"
    local = instant.astimezone(CITY)
    return f"{local.year}年{local.month}月{local.day}日"

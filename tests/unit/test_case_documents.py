"""Documents of a case: which there are, what the articles ask them to say, and that both forms say the same."""

import io
from collections.abc import Sequence
from dataclasses import replace

import pytest
from pdfminer.high_level import extract_text

from contracts.mediation import Signature
from contracts.rejected import Rejected
from services.mediation.advice import advice
from services.mediation.case import decide
from services.mediation.case_course import CaseCommand
from services.mediation.case_documents import DocumentKind
from services.mediation.case_door import Acting, NameRepresentative, Representative
from services.mediation.case_model import Case, Guide
from services.mediation.case_parts import Guidance, Purpose
from services.mediation.case_sessions import RevealText
from services.mediation.document_html import to_html
from services.mediation.document_pdf import to_pdf
from services.mediation.documents import Content, Document, compose
from services.mediation.private_texts import AgreementTerms, PartyText, RepresentativeText
from tests.unit.case_life import (
    AGREED,
    ASKED,
    CLERK,
    FAILED,
    IN_MEDIATION,
    NEIGHBOUR,
    NOW,
    OWNER,
    PAPER,
    TENANT,
    agree,
    at,
    lived,
    oral,
    signed,
)

ORAL = (*IN_MEDIATION, oral())
GUIDED = (*FAILED, Guide(Guidance.ARBITRATION, CLERK, advice().version))
THROUGH = Signature(party_id=TENANT, way="signature", representative_id=NEIGHBOUR)
KINDS: dict[DocumentKind, Sequence[CaseCommand]] = {
    DocumentKind.AGREEMENT: AGREED,
    DocumentKind.ORAL_RECORD: ORAL,
    DocumentKind.CONFIRMATION_APPLICATION: ASKED,
    DocumentKind.FAILURE_NOTICE: GUIDED,
}
PEOPLE = {
    TENANT: PartyText("赵示例", "13800001001"),
    OWNER: PartyText("<b>示例物业公司</b>", "0471-2000001"),
}
TERMS = AgreementTerms(
    "申请人赵示例，被申请人示例物业公司。", "楼上漏水，\n天花板损坏。", "修复并赔偿一千元。", "分两期履行。"
)

ACTING = {NEIGHBOUR: RepresentativeText("孙样本", "13800001002", "特别授权")}
REPRESENTED = (
    *IN_MEDIATION,
    NameRepresentative(Representative(NEIGHBOUR, TENANT, Acting.AGENT, True), True, CLERK),
    replace(agree, paper=replace(signed, signatures=(THROUGH, signed.signatures[1]))),
)


def made(kind: DocumentKind, case: Case) -> Document:
    return compose(kind, Content(case, PEOPLE, ACTING, TERMS if case.agreement_id else None), advice())


def words(document: Document) -> str:
    return "".join(line for section in document.sections for line in (section.heading, *section.lines))


def squeezed(text: str) -> str:
    return "".join(text.split())


ASKED_FOR = {
    "29 (1): who the parties are": (DocumentKind.AGREEMENT, "申请人赵示例，被申请人示例物业公司。"),
    "29 (2): facts, issues, responsibility": (DocumentKind.AGREEMENT, "天花板损坏。"),
    "29 (3): contents": (DocumentKind.AGREEMENT, "修复并赔偿一千元。"),
    "29 (3): way of performance": (DocumentKind.AGREEMENT, "分两期履行。"),
    "29 (3): period of performance": (DocumentKind.AGREEMENT, "第1期：2026年3月12日前履行"),
    "29: how a party put its hand to it": (DocumentKind.AGREEMENT, "（按指印）"),
    "29: the mediator's hand": (DocumentKind.AGREEMENT, "人民调解员（工号M1）："),
    "29: the committee's seal": (DocumentKind.AGREEMENT, "人民调解委员会（印章）："),
    "29: from when it binds, and a copy each": (DocumentKind.AGREEMENT, "自2026年3月2日起生效。各方当事人各执一份"),
    "28: recorded by the mediator": (DocumentKind.ORAL_RECORD, "人民调解员（工号M1）："),
    "30: an oral one binds from the agreement": (DocumentKind.ORAL_RECORD, "自各方达成协议之日即2026年3月2日起生效"),
    "33: both parties ask": (DocumentKind.CONFIRMATION_APPLICATION, "各方当事人共同申请"),
    "33: thirty days": (DocumentKind.CONFIRMATION_APPLICATION, "应在2026年4月1日前共同提出"),
    "规定 3: what comes with it": (DocumentKind.CONFIRMATION_APPLICATION, "送达地址和联系方式"),
    "规定 4: no identity, adoption, marriage": (
        DocumentKind.CONFIRMATION_APPLICATION,
        "不涉及身份关系、收养关系、婚姻关系",
    ),
    "the court that was asked": (DocumentKind.CONFIRMATION_APPLICATION, "人民法院（F150102）"),
    "26: court, and until when": (DocumentKind.FAILURE_NOTICE, "诉讼时效期间一般为三年"),
    "26: arbitration, and until when": (DocumentKind.FAILURE_NOTICE, "劳动争议为一年"),
    "26: administrative way, and until when": (DocumentKind.FAILURE_NOTICE, "行政复议为六十日"),
    "26: the way that was advised": (DocumentKind.FAILURE_NOTICE, "【建议】申请仲裁"),
    "who signs for it": (DocumentKind.FAILURE_NOTICE, "申请人 赵示例："),
}


@pytest.mark.parametrize(("kind", "line"), ASKED_FOR.values(), ids=ASKED_FOR)
def test_what_a_document_must_say(kind: DocumentKind, line: str) -> None:
    assert line in words(made(kind, lived(*KINDS[kind])))


@pytest.mark.parametrize("kind", DocumentKind)
def test_both_forms_say_all_of_it_and_a_pdf_can_be_searched(kind: DocumentKind) -> None:
    document = made(kind, lived(*KINDS[kind]))
    printed = squeezed(extract_text(io.BytesIO(to_pdf(document))))
    page = to_html(document).decode()
    assert "赵示例" in printed
    assert "赵示例" in page
    for text in (document.title, document.number, document.basis):
        assert squeezed(text) in printed
        assert text in page
    for section in document.sections:
        for line in (section.heading, *section.lines):
            assert squeezed(line) in printed
            assert line.replace("<", "&lt;").replace(">", "&gt;") in page


def test_who_acts_for_a_party_is_named_with_how_they_signed() -> None:
    told = words(made(DocumentKind.AGREEMENT, lived(*REPRESENTED)))
    assert "委托代理人 孙样本　联系方式：13800001002" in told
    assert "申请人 赵示例（孙样本代为签名）：" in told


def test_what_people_wrote_is_no_markup() -> None:
    document = made(DocumentKind.AGREEMENT, lived(*AGREED))
    assert "<b>示例" not in to_html(document).decode()
    assert "<b>示例物业公司</b>" in squeezed(extract_text(io.BytesIO(to_pdf(document))))


def test_a_long_agreement_goes_on_over_pages() -> None:
    terms = AgreementTerms("双方。", "事实" * 2000, "内容" * 2000, "履行" * 2000)
    document = compose(DocumentKind.AGREEMENT, Content(lived(*AGREED), PEOPLE, ACTING, terms), advice())
    printed = extract_text(io.BytesIO(to_pdf(document)))
    assert "第3页" in squeezed(printed)
    assert printed.count("事") + printed.count("实") >= 4000


THERE = {
    "nothing before an agreement": (IN_MEDIATION, set[DocumentKind]()),
    "28, 29, 规定 3: in writing": (AGREED, {DocumentKind.AGREEMENT, DocumentKind.CONFIRMATION_APPLICATION}),
    "28, 规定 3: orally": (ORAL, {DocumentKind.ORAL_RECORD, DocumentKind.CONFIRMATION_APPLICATION}),
    "26: failed": (FAILED, {DocumentKind.FAILURE_NOTICE}),
}


@pytest.mark.parametrize(("life", "there"), THERE.values(), ids=THERE)
def test_which_documents_a_case_has(life: tuple[CaseCommand, ...], there: set[DocumentKind]) -> None:
    case = lived(*life)
    for kind in DocumentKind:
        look = RevealText(PAPER, f"document:{kind}", Purpose.MEDIATION, CLERK)
        if kind in there:
            assert decide(case, look, at(NOW)), kind
        else:
            with pytest.raises(Rejected, match=r"case\.no_such_document"):
                decide(case, look, at(NOW))


def test_26_every_way_says_its_limit_and_its_source() -> None:
    told = advice()
    assert set(told.ways) == set(Guidance)
    for way in told.ways.values():
        assert way.source.startswith(("[A]", "[P]", "[K]", "[I]"))
    assert lived(*GUIDED).guidance == "arbitration"

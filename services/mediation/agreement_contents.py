"""What an agreement 调解协议 must contain. Articles are those of 人民调解法.

29 names the contents of a written one, which it "may" have (可以载明) and we require, and whose hands make it valid; an
oral one is recorded by the mediator [28], with the same contents and nobody's hand.
"""

from collections.abc import Mapping

from contracts.rejected import Rejected
from services.mediation.case_model import Case, Form
from services.mediation.case_parties import check_acting
from services.mediation.case_parts import Paper

CONTENTS: Mapping[str, str] = {
    "parties": "当事人的基本情况（人民调解法第二十九条第一款第（一）项）",
    "facts": "纠纷的主要事实、争议事项以及各方当事人的责任（人民调解法第二十九条第一款第（二）项）",
    "contents": "当事人达成调解协议的内容（人民调解法第二十九条第一款第（三）项）",
    "performance": "履行的方式、期限（人民调解法第二十九条第一款第（三）项）",
}
"""Field -> what the law calls it."""


def check_contents(case: Case, form: Form, paper: Paper) -> None:
    """Raise ``Rejected`` for the first thing that is missing; it names the field and the article."""
    for name, lawful in CONTENTS.items():
        if name in paper.missing:
            raise Rejected("case.agreement_incomplete", f"调解协议缺少：{lawful}", field=name, status=422)
    if form is Form.ORAL:
        return
    signed = [signature.party_id for signature in paper.signatures]
    if sorted(signed) != sorted(party.party_id for party in case.parties):
        raise _unsigned("signatures", "各方当事人应当签名、盖章或者按指印，每方一次")
    for signature in paper.signatures:
        check_acting(case, signature.party_id, signature.representative_id, "signatures")
    if not paper.mediator_signed:
        raise _unsigned("mediator_signed", "人民调解员应当签名")
    if not paper.committee_sealed:
        raise _unsigned("committee_sealed", "应当加盖人民调解委员会印章")


def _unsigned(field: str, message: str) -> Rejected:
    return Rejected("case.agreement_unsigned", f"{message}（人民调解法第二十九条第二款）", field=field, status=422)

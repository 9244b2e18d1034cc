"""Which documents 文书 a case has. Articles without another name are those of 人民调解法."""

from enum import StrEnum

from contracts.rejected import Rejected
from services.mediation.case_model import Case, Form

DOCUMENT = "document:"


class DocumentKind(StrEnum):
    """文书种类."""

    AGREEMENT = "agreement"  # 人民调解协议书 [A 28, 29]
    ORAL_RECORD = "oral_record"  # 人民调解口头协议登记表 [A 28]
    CONFIRMATION_APPLICATION = "confirmation_application"  # 司法确认申请书 [规定 3]
    FAILURE_NOTICE = "failure_notice"  # 调解终止告知书 [A 26]


def check_document(case: Case, what: str) -> None:
    """Raise ``Rejected`` if ``what`` names a document that the case has not got."""
    if not what.startswith(DOCUMENT):
        return
    match DocumentKind(what.removeprefix(DOCUMENT)):
        case DocumentKind.AGREEMENT:
            there = case.form is Form.WRITTEN
        case DocumentKind.ORAL_RECORD:
            there = case.form is Form.ORAL
        case DocumentKind.CONFIRMATION_APPLICATION:
            there = case.agreement_id is not None
        case DocumentKind.FAILURE_NOTICE:
            there = case.failure is not None or case.guidance is not None
    if not there:
        raise Rejected("case.no_such_document", "本案没有这种文书")

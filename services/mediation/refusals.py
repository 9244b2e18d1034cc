"""Refusals that several rules of a case 调解案件 share. Pure."""

from contracts.rejected import Rejected
from services.mediation.case_model import STATUS_ZH, Case
from services.mediation.case_parts import Confirmation, Guidance


def wrong_status(case: Case) -> Rejected:
    """The refusal of a command that does not fit the status."""
    return Rejected("case.wrong_status", f"案件当前为“{STATUS_ZH[case.status]}”，不能进行此操作")


def known_party(case: Case, party_id: str) -> None:
    """Raises ``case.unknown_party``."""
    if party_id not in {party.party_id for party in case.parties}:
        raise Rejected("case.unknown_party", "不是本案当事人", field="party_id", status=422)


def enforceable(case: Case, guidance: Guidance) -> None:
    """33: only what a court has confirmed can be enforced; else it must be sued for first."""
    if guidance is Guidance.COURT_ENFORCEMENT and case.confirmation is not Confirmation.CONFIRMED:
        raise Rejected("case.not_enforceable", "协议未经司法确认，不能申请强制执行", field="guidance", status=422)

"""The words of a case 调解案件 before its sessions: what may be asked of it at the door. Rules: ``case.py`` and beside.

Ids are made by whoever sends a command, so that the same command has the same identity twice.
"""

from dataclasses import dataclass
from enum import StrEnum

from contracts.mediation import Party
from services.mediation.staff import Staff


class ScopeReason(StrEnum):
    """不属于调解范围的理由 [人民调解法 2; 人民调解工作若干规定 22: what committees may not take]."""

    NOT_CIVIL = "not_civil"  # 不属于民间纠纷
    EXCLUSIVE_AUTHORITY = "exclusive_authority"  # 法律法规规定只能由专门机关管辖处理
    MEDIATION_FORBIDDEN = "mediation_forbidden"  # 法律法规禁止采用民间调解方式解决
    ALREADY_DECIDED = "already_decided"  # 法院、公安机关或其他行政机关已经受理或者解决
    CRIMINAL = "criminal"  # 涉嫌犯罪
    NO_OPPONENT = "no_opponent"  # 没有明确的被申请人
    ELSEWHERE_COMPETENT = "elsewhere_competent"  # 应由其他调解组织受理


class Office(StrEnum):
    """参与调解的单位: the committee's own people, and those of 四所一庭."""

    COMMITTEE = "committee"  # 人民调解委员会
    POLICE_STATION = "police_station"  # 派出所
    JUSTICE_OFFICE = "justice_office"  # 司法所
    LAW_FIRM = "law_firm"  # 律师事务所
    MARKET_OFFICE = "market_office"  # 市场监管所
    COURT = "court"  # 人民法庭


class RecusalReason(StrEnum):
    """回避的理由 [I, as for judges: 民事诉讼法 47]."""

    RELATIVE = "relative"  # 是当事人或其近亲属
    INTEREST = "interest"  # 与本案有利害关系
    OTHER_RELATION = "other_relation"  # 与当事人有其他关系，可能影响公正调解


@dataclass(frozen=True, slots=True)
class Proposal:
    """当事人提名的调解员, and the parties who want them."""

    mediator_id: str
    committee: str
    accepted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProposeMediator:
    """提名调解员, as a party wishes [人民调解法 19]; the same by another party is their consent."""

    mediator_id: str
    committee: str
    party_id: str
    by: Staff


@dataclass(frozen=True, slots=True)
class AnswerProposal:
    """同意或不同意人选, as another party says."""

    mediator_id: str
    party_id: str
    agreed: bool
    by: Staff


@dataclass(frozen=True, slots=True)
class Recuse:
    """回避: a mediator declares a conflict of interest, or the clerk does so at a party's request."""

    mediator_id: str
    party_id: str | None
    reason: RecusalReason
    by: Staff


class Capacity(StrEnum):
    """民事行为能力 [民法典 18–22]."""

    FULL = "full"  # 完全民事行为能力
    LIMITED = "limited"  # 限制民事行为能力: minors from 8, adults who do not wholly understand what they do
    NONE = "none"  # 无民事行为能力


class Acting(StrEnum):
    """How somebody acts for a party."""

    GUARDIAN = "guardian"  # 监护人, 法定代理人 [民法典 23]
    AGENT = "agent"  # 委托代理人, by a written authorisation [民法典 165]


@dataclass(frozen=True, slots=True)
class Representative:
    """代理人, by id; who they are is private. ``special``: they may consent and settle for the party."""

    representative_id: str
    party_id: str
    kind: Acting
    special: bool


@dataclass(frozen=True, slots=True)
class JoinParty:
    """追加当事人."""

    party: Party
    by: Staff


@dataclass(frozen=True, slots=True)
class NameRepresentative:
    """登记代理人. ``written``: an authorisation in writing was handed in, which is kept as a private text."""

    representative: Representative
    written: bool
    by: Staff


@dataclass(frozen=True, slots=True)
class EndRepresentation:
    """代理终止."""

    representative_id: str
    by: Staff


AboutParties = JoinParty | NameRepresentative | EndRepresentation
AboutMediators = ProposeMediator | AnswerProposal | Recuse
AtDoor = AboutMediators | AboutParties

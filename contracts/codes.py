"""Enumerations and constrained types that more than one service speaks.

Every string that an event may carry is one of these: an id, a code or an enumeration, never free text.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
"""A UUID in its canonical lower-case form."""
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/-]{1,64}$")]
"""A stable code out of a list: reason, rule, template, version."""
StaffId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:@-]{1,64}$")]
"""The pseudonymous id of an operator (工号), the ``sub`` of a token."""
UnitCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{6,15}$")]
"""承办单位 handling unit: D department, E enterprise, G county, Z centre, F court, M committee, S street."""
ItemCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
"""派单目录 dispatch catalogue item: two digits of category, two of item."""
ExclusionCode = Annotated[str, StringConstraints(pattern=r"^X[0-9]{4}$")]
"""不受理清单 exclusion list item."""
DivisionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}([0-9]{3}){0,2}$")]
"""Division: 6 digits county, 9 street, 12 community."""
SmallDivisionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}([0-9]{3})?$")]
"""社区 community (12 digits: its street's nine and three) or 网格 grid (15: its community's twelve and three)."""
Time = AwareDatetime
"""An instant with its offset."""


class Channel(StrEnum):
    """来源渠道: where an appeal came from."""

    HOTLINE = "hotline"  # 12345 热线
    WEB = "web"  # 网站
    APP = "app"  # 移动端
    GRID = "grid"  # 网格员
    RIDER = "rider"  # 骑手
    MEDIATION_CENTRE = "mediation_centre"  # 综治中心窗口
    PETITION_OFFICE = "petition_office"  # 信访
    PARTNER = "partner"  # 合作方


class IssueKind(StrEnum):
    """诉求类型, the five kinds of an issue [P]."""

    CONSULTATION = "consultation"  # 咨询
    HELP_REQUEST = "help_request"  # 求助
    COMPLAINT = "complaint"  # 投诉
    REPORT = "report"  # 举报
    SUGGESTION = "suggestion"  # 建议


class Urgency(StrEnum):
    """紧急程度."""

    NORMAL = "normal"  # 一般
    URGENT = "urgent"  # 紧急
    EMERGENCY = "emergency"  # 突发


class Agency(StrEnum):
    """Whom a danger to life, a crime, a fire or an illness is handed to at once [A]."""

    POLICE = "110"
    FIRE = "119"
    MEDICAL = "120"
    TRAFFIC = "122"


class ObligationRole(StrEnum):
    """A unit's part in an order (主办, 双派双考)."""

    LEAD = "lead"  # 主办
    DUAL = "dual"  # 双派: the second obligation of a dual dispatch, scored like the lead


class SupervisionLevel(StrEnum):
    """督办 level."""

    YELLOW = "yellow"  # 黄牌: 80% of the limit has gone
    RED = "red"  # 红牌: overdue
    ESCALATED = "escalated"  # 提级督办: problem order


class Resolution(StrEnum):
    """回访: is it solved?"""

    YES = "yes"  # 已解决
    PARTLY = "partly"  # 部分解决
    NO = "no"  # 未解决


class Satisfaction(StrEnum):
    """回访: how satisfied?"""

    VERY_SATISFIED = "very_satisfied"  # 非常满意
    SATISFIED = "satisfied"  # 满意
    NEUTRAL = "neutral"  # 一般
    DISSATISFIED = "dissatisfied"  # 不满意
    VERY_DISSATISFIED = "very_dissatisfied"  # 非常不满意


class ReasonClass(StrEnum):
    """Why a caller says "no": only the first blames the unit (domain.md, Revisit)."""

    UNIT_WORK = "unit_work"  # 承办单位工作
    BEYOND_POLICY = "beyond_policy"  # 超出法律政策的诉求
    NOT_STATED = "not_stated"  # 未说明


class CaseOrigin(StrEnum):
    """综治中心案件来源: how a dispute came to the one door 一站式."""

    ORDER = "order"  # 12345 工单转来
    WALK_IN = "walk_in"  # 群众来访
    GRID = "grid"  # 网格员上报
    COURT = "court"  # 人民法院委派
    POLICE = "police"  # 公安机关移送
    JUSTICE = "justice"  # 司法所移送
    PETITION = "petition"  # 信访部门移送


class MediationOutcome(StrEnum):
    """How a case left mediation, as the order sees it."""

    AGREED = "agreed"  # 达成协议
    FAILED = "failed"  # 调解不成
    REFUSED = "refused"  # 一方不同意调解
    OUT_OF_SCOPE = "out_of_scope"  # 不属于调解范围
    OVERDUE = "overdue"  # 逾期未同意


class ClosingOutcome(StrEnum):
    """How an order ended at the call-back."""

    RESOLVED = "resolved"  # 已解决
    EXPLAINED = "explained"  # 解释说明: the wish is beyond law or policy
    UNREACHED = "unreached"  # 未联系上; the citizen may reopen

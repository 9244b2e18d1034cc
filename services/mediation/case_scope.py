"""Why a dispute is not mediated: words of a case 调解案件 at the door."""

from enum import StrEnum


class ScopeReason(StrEnum):
    """不属于调解范围的理由 [人民调解法 2; 人民调解工作若干规定 22: what committees may not take]."""

    NOT_CIVIL = "not_civil"  # 不属于民间纠纷
    EXCLUSIVE_AUTHORITY = "exclusive_authority"  # 法律法规规定只能由专门机关管辖处理
    MEDIATION_FORBIDDEN = "mediation_forbidden"  # 法律法规禁止采用民间调解方式解决
    ALREADY_DECIDED = "already_decided"  # 法院、公安机关或其他行政机关已经受理或者解决
    CRIMINAL = "criminal"  # 涉嫌犯罪
    NO_OPPONENT = "no_opponent"  # 没有明确的被申请人
    ELSEWHERE_COMPETENT = "elsewhere_competent"  # 应由其他调解组织受理

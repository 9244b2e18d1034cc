"""原因类别 — why a caller is not content, and whom that is about. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from contracts.codes import ReasonClass


class Reason(StrEnum):
    """原因. Only those of the class ``unit_work`` blame the unit (domain.md, Revisit)."""

    NOT_CONTACTED = "not_contacted"  # 没有联系我
    TOO_SLOW = "too_slow"  # 办理拖延
    ATTITUDE = "attitude"  # 工作人员态度
    NOT_DONE = "not_done"  # 承诺或答复的事没有做到
    PARTLY_DONE = "partly_done"  # 只解决了一部分
    RECURRED = "recurred"  # 办过后又发生
    PASSED_ON = "passed_on"  # 相互推诿
    NO_LEGAL_GROUND = "no_legal_ground"  # 诉求没有法律政策依据
    ABOVE_STANDARD = "above_standard"  # 超出政策规定的标准
    OTHERS_RIGHTS = "others_rights"  # 会损害他人或公共利益
    OTHER_PROCEDURE = "other_procedure"  # 应走诉讼、仲裁、复议等法定途径
    TOLD_NOT_ALLOWED = "told_not_allowed"  # 被告知不符合法律政策
    OTHER = "other"  # 其他
    NONE_GIVEN = "none_given"  # 不愿说明


CLASS_OF: Mapping[Reason, ReasonClass] = {
    Reason.NOT_CONTACTED: ReasonClass.UNIT_WORK,
    Reason.TOO_SLOW: ReasonClass.UNIT_WORK,
    Reason.ATTITUDE: ReasonClass.UNIT_WORK,
    Reason.NOT_DONE: ReasonClass.UNIT_WORK,
    Reason.PARTLY_DONE: ReasonClass.UNIT_WORK,
    Reason.RECURRED: ReasonClass.UNIT_WORK,
    Reason.PASSED_ON: ReasonClass.UNIT_WORK,
    Reason.NO_LEGAL_GROUND: ReasonClass.BEYOND_POLICY,
    Reason.ABOVE_STANDARD: ReasonClass.BEYOND_POLICY,
    Reason.OTHERS_RIGHTS: ReasonClass.BEYOND_POLICY,
    Reason.OTHER_PROCEDURE: ReasonClass.BEYOND_POLICY,
    Reason.TOLD_NOT_ALLOWED: ReasonClass.BEYOND_POLICY,
    Reason.OTHER: ReasonClass.NOT_STATED,
    Reason.NONE_GIVEN: ReasonClass.NOT_STATED,
}
REASON_ZH: Mapping[Reason, str] = {
    Reason.NOT_CONTACTED: "没有人联系我",
    Reason.TOO_SLOW: "办理拖延",
    Reason.ATTITUDE: "工作人员态度不好",
    Reason.NOT_DONE: "答应的事没有做到",
    Reason.PARTLY_DONE: "只解决了一部分",
    Reason.RECURRED: "办过以后又发生了",
    Reason.PASSED_ON: "单位之间互相推诿",
    Reason.NO_LEGAL_GROUND: "诉求没有法律政策依据",
    Reason.ABOVE_STANDARD: "诉求超出政策规定的标准",
    Reason.OTHERS_RIGHTS: "诉求会损害他人或公共利益",
    Reason.OTHER_PROCEDURE: "应走诉讼、仲裁、复议等法定途径",
    Reason.TOLD_NOT_ALLOWED: "被告知不符合法律或政策",
    Reason.OTHER: "其他原因",
    Reason.NONE_GIVEN: "不愿说明",
}
OF_CALLER = (
    Reason.NOT_CONTACTED,
    Reason.TOO_SLOW,
    Reason.ATTITUDE,
    Reason.NOT_DONE,
    Reason.PARTLY_DONE,
    Reason.RECURRED,
    Reason.PASSED_ON,
    Reason.TOLD_NOT_ALLOWED,
    Reason.OTHER,
    Reason.NONE_GIVEN,
)
"""What callers can say of themselves. What the law allows is judged by staff, and by 剔除审核 after that."""

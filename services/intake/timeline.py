"""办理过程: what the events of all services are called in Chinese."""

from collections.abc import Mapping
from typing import Any

TITLES = {
    "intake.issue.registered": "登记",
    "intake.issue.transferred": "转接{agency}",
    "intake.issue.answered": "直接答复",
    "intake.issue.decline_proposed": "拟不予受理",
    "intake.issue.decline_refused": "复核不同意不予受理",
    "intake.issue.declined": "不予受理",
    "intake.issue.accepted": "受理",
    "intake.issue.appeal_added": "并入诉求",
    "intake.issue.followed_up": "{follow_up}",
    "intake.issue.step_overdue": "受理环节逾期",
    "intake.issue.contact_revealed": "查看联系方式",
    "intake.issue.closed": "办结",
    "intake.issue.transfer_refused": "{agency}退回转接",
    "intake.issue.filed_online": "网上分类：{online_class}",
    "intake.issue.emergency_assessed": "研判突发",
    "intake.issue.specialist_asked": "请政策专员答复",
    "intake.issue.specialist_answered": "政策专员答复",
    "intake.issue.objection_raised": "对不予受理提出异议",
    "intake.issue.objection_upheld": "异议成立",
    "intake.issue.objection_rejected": "异议不成立，维持不予受理",
    "intake.issue.appeal_withdrawn": "{reason}",
    "intake.issue.withdrawn": "撤回事项",
    "intake.issue.merged": "合并到另一事项",
    "intake.issue.unmerged": "撤销合并",
    "intake.issue.reopened": "重新打开",
    "router.order.opened": "生成工单",
    "router.order.dispatched": "派单",
    "router.order.signed": "{automatic}签收",
    "router.order.contacted": "{visit}诉求人",
    "router.order.whistle_blown": "吹哨",
    "router.order.whistle_settled": "哨声办结，工单继续办理",
    "router.order.referred": "转调解",
    "router.order.clock_stopped": "调解受理，工单计时暂停",
    "router.order.returned_from_mediation": "调解退回",
    "router.order.result_submitted": "提交办理结果",
    "router.order.completed": "审核通过，待回访",
    "router.order.revisit_noted": "收到回访结果",
    "router.order.returned_for_rework": "审核退回",
    "router.order.reworked": "重办",
    "router.order.closed": "工单归档",
    "router.order.supervised": "{level}督办",
    "router.order.step_overdue": "工单环节逾期",
    "router.order.reminded": "工单催办",
    "router.order.appeal_added": "工单并入诉求",
    "router.order.limits_recomputed": "放假安排公布，时限重算",
    "router.whistle.blown": "哨声发出",
    "router.whistle.acknowledged": "部门应哨",
    "router.whistle.reported_in": "部门报到",
    "router.whistle.result_recorded": "部门反馈结果",
    "router.whistle.evaluated": "街道评价",
    "router.whistle.step_overdue": "吹哨环节逾期",
    "router.whistle.closed": "哨声办结",
    "mediation.case.registered": "调解登记",
    "mediation.case.referred_out": "不属于调解范围",
    "mediation.case.consent_requested": "征求调解意见",
    "mediation.case.consent_given": "当事人同意调解",
    "mediation.case.terminated": "调解终止",
    "mediation.case.accepted": "调解受理",
    "mediation.case.mediator_assigned": "指定调解员",
    "mediation.case.session_held": "召开调解会",
    "mediation.case.agreed": "达成调解协议",
    "mediation.case.failed": "调解不成",
    "mediation.case.guided": "引导其他途径",
    "mediation.case.confirmation_requested": "申请司法确认",
    "mediation.case.confirmed": "司法确认",
    "mediation.case.not_confirmed": "不予司法确认",
    "mediation.case.instalment_performed": "履行一期",
    "mediation.case.performed": "履行完毕",
    "mediation.case.breached": "未履行协议",
    "mediation.case.step_overdue": "调解环节逾期",
    "notify.revisit.opened": "回访任务",
    "notify.revisit.attempted": "回访未接通",
    "notify.revisit.recorded": "回访完成",
    "notify.revisit.unreached": "回访未联系上",
    "notify.revisit.overdue": "回访逾期",
    "notify.delivery.created": "消息待发",
    "notify.delivery.sending": "消息发送中",
    "notify.delivery.delivered": "消息已送达",
    "notify.delivery.temporarily_failed": "消息暂时发送失败",
    "notify.delivery.overdue": "消息待发逾期",
    "notify.delivery.failed": "消息发送失败",
}
"""Event type without prefix and version -> title. What stands in braces is a field, put in words by ``_WORDS``."""

_WORDS: dict[str, dict[object, str]] = {
    "follow_up": {"reminder": "催办", "supplement": "补充"},
    "automatic": {True: "超时自动", False: ""},
    "visit": {True: "上门见", False: "联系"},
    "agency": {"justice": "司法", "cyberspace": "网信"},
    "online_class": {"vent": "泄愤", "legal": "涉法", "public_opinion": "舆情", "livelihood": "民生"},
    "reason": {"caller": "撤回诉求", "unmerged": "诉求回到原事项"},
    "level": {"yellow": "黄牌", "red": "红牌", "escalated": "提级"},
}


def title(type_: str, data: Mapping[str, Any]) -> str:
    """The Chinese title of an event; a type that is not known yet is shown as it is."""
    name = type_.removeprefix("qingcheng.").rpartition(".")[0]
    words = {field: _WORDS.get(field, {}).get(value, value) for field, value in data.items() if _is_word(value)}
    return TITLES.get(name, type_).format_map(words)


def _is_word(value: object) -> bool:
    return isinstance(value, str | bool)

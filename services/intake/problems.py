"""What intake's problem codes mean."""

from services.intake.reference_checks import UNKNOWN_CODES

PROBLEMS = UNKNOWN_CODES | {
    "issue.not_found": "没有这个诉求事项，或不在本单位的范围内。",
    "issue.already_registered": "这个编号已登记为另一件诉求。",
    "issue.wrong_status": "诉求事项当前的状态不允许这个操作。",
    "issue.same_person": "拟不予受理的人不能复核自己的意见，须由另一人复核。",
    "issue.unknown_appeal": "该事项下没有这条诉求。",
    "issue.received_in_future": "来件时间晚于现在。",
    "issue.not_your_unit": "该事项没有派给本单位，不能查看联系方式。",
}

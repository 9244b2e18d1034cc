"""What intake's problem codes mean."""

from services.intake.reference_checks import UNKNOWN_CODES

PROBLEMS = UNKNOWN_CODES | {
    "issue.not_found": "没有这个诉求事项，或不在本单位的范围内。",
    "issue.already_registered": "这个编号已登记为另一件诉求。",
    "issue.wrong_status": "诉求事项当前的状态不允许这个操作。",
    "issue.same_person": "不予受理和异议须由未参与前一决定的人复核。",
    "issue.emergency": "突发事项不受名单、复核和排队的限制，只能转接或受理；研判不属突发的，先更正研判。",
    "issue.merged": "该事项已合并，请在合并到的事项上操作；detail 写明其编号。",
    "issue.merge_chain": "合并不能成链：目标事项已合并到别的事项，或已有别的事项合并到本事项。",
    "issue.merge_other_way": "已受理的事项不能合并到未受理的事项，请反向合并。",
    "issue.merge_itself": "事项不能与自身合并。",
    "issue.changed": "其间有诉求并入、撤回或状态变化，请重试。",
    "issue.unmerge_too_late": "已超过可撤销合并的期限。",
    "issue.no_appeal_left": "该事项的诉求都已撤回，没有可恢复的。",
    "issue.content_required": "须写明类型、事项和地点：该事项此前没有受理过。",
    "issue.reopen_too_late": "已超过可重新打开的期限，请作为新的诉求登记。",
    "issue.objection_final": "对不予受理的异议只能提出一次，复核结论为最终结论。",
    "issue.appeal_withdrawn": "这条诉求已撤回。",
    "issue.kept_for_safety": "涉及公共安全的事项须先转接或受理，才能撤回。",
    "issue.specialist_already_asked": "政策专员尚未答复上一个问题。",
    "issue.unknown_question": "没有这个待答复的问题，或事项已不在受理环节。",
    "issue.not_online": "只有网站和移动端的诉求才按网上分类处理。",
    "issue.unknown_appeal": "该事项下没有这条诉求。",
    "issue.received_in_future": "来件时间晚于现在。",
    "issue.not_your_unit": "该事项没有派给本单位，不能查看联系方式。",
}

"""The problem codes of petitions 信访代办, in Chinese for whoever looks one up. Articles: 信访工作条例 (2022)."""

PETITION_PROBLEMS = {
    "petition.not_found": "没有这件代办，或不由您代办。",
    "petition.not_yours": "该事项由其他代办员代办，只有本件的代办员或综治中心窗口可以操作。",
    "petition.wrong_status": "该事项当前的状态不能进行此操作，请重新查询。",
    "petition.too_many_representatives": "多人提出的应推选代表，代表不得超过五人（比照信访工作条例第二十条）。",
    "petition.representatives": "多人提出的应推选代表，一人提出的不推选（信访工作条例第二十条）。",
    "petition.conflict_of_interest": "代办员与信访事项或信访人有直接利害关系，应当回避（信访工作条例第二十八条）。",
    "petition.own_revisit": "回访应由代办员以外的人进行。",
    "petition.already_in_hand": "同一信访事项正在办理，不重复代办（参照信访工作条例第十九条第三款）。",
    "petition.final_recheck": "同一信访事项已经复核终结，不再受理（信访工作条例第三十六条），请予解释疏导。",
    "petition.time_order": "所填时间应在上一环节之后、现在之前。",
    "petition.same_authority": "应当另选机关、单位：异议成立的、原办理的和原复查的机关不能再次承担。",
    "petition.objection_pending": "管辖异议尚未核实，应先核实异议（信访工作条例第二十三条）。",
    "petition.objection_too_late": "管辖异议应自收到之日起5个工作日内提出（信访工作条例第二十三条）。",
    "petition.objected_before": "该机关的管辖异议已核实为不成立，不能再次提出。",
    "petition.no_objection": "没有待核实的管辖异议。",
    "petition.extended_before": "办理期限只能延长一次（信访工作条例第三十四条）。",
    "petition.extension_too_late": "办理期限届满后不能再延长（信访工作条例第三十四条）。",
    "petition.extension_too_long": "延长后的期限应晚于原期限，且延长不得超过30日（信访工作条例第三十四条）。",
    "petition.asked_too_late": "应自收到书面答复之日起30日内请求复查、复核（信访工作条例第三十五、三十六条）。",
    "petition.may_still_ask": "信访人未接受处理意见且仍在请求复查、复核的期限内，期满前不能归档。",
}

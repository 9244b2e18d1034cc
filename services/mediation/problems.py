"""The problem codes of mediation, in Chinese for whoever looks one up."""

CASE_PROBLEMS = {
    "case.not_found": "没有这个调解案件，或不由您承办。",
    "case.not_your_case": "该案件由其他调解员承办，只有承办调解员或综治中心窗口可以操作。",
    "case.wrong_status": "案件当前的状态不能进行此操作，请重新查询案件。",
    "case.parties_incomplete": "申请人和被申请人都要登记，且不得重复。",
    "case.unknown_appeal": "所填的诉求编号不属于本案。",
    "case.unknown_party": "所填的人不是本案当事人。",
    "case.conflict_of_interest": "调解员与当事人有利害关系，应当回避，请另行指定（人民调解法第十九条）。",
    "case.session_number": "调解会次数应连续记录，不能跳号。",
    "case.effective_date": "协议生效时间应在案件受理之后、现在之前（人民调解法第二十九、三十条）。",
    "case.instalment_dates": "至少要有一项履行内容，且履行期限不得早于协议生效时间（人民调解法第二十九条）。",
    "case.no_agreement_yet": "本案尚未达成调解协议。",
    "case.no_such_instalment": "协议中没有这一期履行内容，或已经履行。",
    "case.not_due_yet": "履行期限尚未届满，不能登记为未履行。",
    "case.parties_not_together": "司法确认应由各方当事人共同申请（人民调解法第三十三条）。",
    "case.matter_excluded": "涉及身份、收养、婚姻关系的协议不适用司法确认。",
    "case.confirmation_too_late": "已超过协议生效后申请司法确认的期限（人民调解法第三十三条）。",
    "case.not_enforceable": "协议未经司法确认，不能申请强制执行，可以向人民法院起诉（人民调解法第三十二、三十三条）。",
}

"""Every row of domain.md's Case (mediation) from an agreement on; articles are those of 人民调解法."""

from dataclasses import replace

import pytest

from contracts.event import Event
from contracts.mediation import (
    CaseAgreed,
    CaseBreached,
    CaseConfirmed,
    CaseGuided,
    CaseNotConfirmed,
    CasePerformed,
    ConfirmationRequested,
    InstalmentPerformed,
    SessionHeld,
    Signature,
)
from contracts.rejected import Rejected
from services.mediation.case import deadlines, decide
from services.mediation.case_door import Acting, NameRepresentative, Representative
from services.mediation.case_model import (
    Command,
    DeadlineReached,
    Guide,
    HoldSession,
    PerformInstalment,
    ReportBreach,
    Rule,
    Status,
    Withdraw,
)
from services.mediation.case_parts import Guidance, Paper
from tests.unit.case_life import (
    AGREED,
    ASKED,
    ASSIGNED,
    CLERK,
    CONFIRMED,
    DAY,
    IN_MEDIATION,
    MEDIATOR,
    NOT_CONFIRMED,
    NOW,
    OWNER,
    PAPER_2,
    PERFORMING,
    TENANT,
    agree,
    ask_court,
    at,
    breached,
    folded,
    lived,
    oral,
    refuse,
    signed,
)

ROAD = {
    "28: agreed in writing": (IN_MEDIATION, agree, [CaseAgreed], Status.AGREED_WRITTEN),
    "28: agreed orally": (IN_MEDIATION, oral(), [CaseAgreed], Status.AGREED_ORAL),
    "33: both parties ask the court": (AGREED, ask_court, [ConfirmationRequested], Status.CONFIRMATION_PENDING),
    "33: asked while performing": (PERFORMING, ask_court, [ConfirmationRequested], Status.CONFIRMATION_PENDING),
    "33: confirmed": (ASKED, Rule(None, CLERK), [CaseConfirmed], Status.CONFIRMED),
    "33: not confirmed": (ASKED, refuse, [CaseNotConfirmed], Status.NOT_CONFIRMED),
    "confirmed when a part was performed": (
        (*PERFORMING, ask_court),
        Rule(None, CLERK),
        [CaseConfirmed],
        Status.PERFORMING,
    ),
    "NOT_CONFIRMED -> mediated anew": (
        NOT_CONFIRMED,
        HoldSession(2, MEDIATOR),
        [SessionHeld],
        Status.IN_MEDIATION,
    ),
    "mediated anew -> a second agreement": (
        (*NOT_CONFIRMED, HoldSession(2, MEDIATOR)),
        oral(),
        [CaseAgreed],
        Status.AGREED_ORAL,
    ),
    "NOT_CONFIRMED -> GUIDED": (NOT_CONFIRMED, Guide(Guidance.COURT, CLERK), [CaseGuided], Status.GUIDED),
    "31: first instalment": (AGREED, PerformInstalment(1, MEDIATOR), [InstalmentPerformed], Status.PERFORMING),
    "31: instalment of a confirmed agreement": (
        CONFIRMED,
        PerformInstalment(2, CLERK),
        [InstalmentPerformed],
        Status.PERFORMING,
    ),
    "performance does not wait for the court": (
        ASKED,
        PerformInstalment(1, CLERK),
        [InstalmentPerformed],
        Status.CONFIRMATION_PENDING,
    ),
    "31: last instalment -> PERFORMED": (
        PERFORMING,
        PerformInstalment(2, MEDIATOR),
        [InstalmentPerformed, CasePerformed],
        Status.PERFORMED,
    ),
}


@pytest.mark.parametrize(("life", "command", "kinds", "status"), ROAD.values(), ids=ROAD)
def test_what_happens(life: tuple[Command, ...], command: Command, kinds: list[type[Event]], status: Status) -> None:
    case = lived(*life)
    events = decide(case, command, at(NOW))
    assert [type(event) for event in events] == kinds
    after = folded(case, events)
    assert after.status is status
    assert decide(after, command, at(NOW)) == [], "the same command again is already true"


through = Signature(party_id=TENANT, way="signature", representative_id=PAPER_2)
REFUSED = {
    "agreement without a session": (ASSIGNED, agree, "case.wrong_status", 409),
    "29: nothing to perform": (IN_MEDIATION, oral(0), "case.instalment_dates", 422),
    **{
        f"29 (1): {name} is missing": (
            IN_MEDIATION,
            replace(agree, paper=replace(signed, missing=(name,))),
            "case.agreement_incomplete",
            422,
        )
        for name in ("parties", "facts", "contents", "performance")
    },
    "28: an oral one has the same contents": (
        IN_MEDIATION,
        replace(oral(), paper=Paper(missing=("facts",))),
        "case.agreement_incomplete",
        422,
    ),
    "29 (2): a party has not signed": (
        IN_MEDIATION,
        replace(agree, paper=replace(signed, signatures=signed.signatures[:1])),
        "case.agreement_unsigned",
        422,
    ),
    "29 (2): the mediator has not signed": (
        IN_MEDIATION,
        replace(agree, paper=replace(signed, mediator_signed=False)),
        "case.agreement_unsigned",
        422,
    ),
    "29 (2): no seal of the committee": (
        IN_MEDIATION,
        replace(agree, paper=replace(signed, committee_sealed=False)),
        "case.agreement_unsigned",
        422,
    ),
    "民法典 165: signed by whoever acts for nobody": (
        IN_MEDIATION,
        replace(agree, paper=replace(signed, signatures=(through, signed.signatures[1]))),
        "case.unknown_representative",
        422,
    ),
    "signed without a special authorisation": (
        (*IN_MEDIATION, NameRepresentative(Representative(PAPER_2, TENANT, Acting.AGENT, False), True, CLERK)),
        replace(agree, paper=replace(signed, signatures=(through, signed.signatures[1]))),
        "case.special_authorisation",
        422,
    ),
    "29: to be performed before it takes effect": (
        IN_MEDIATION,
        replace(agree, instalments=(NOW - DAY,)),
        "case.instalment_dates",
        422,
    ),
    "29: effective in the future": (
        IN_MEDIATION,
        replace(agree, effective_at=NOW + DAY),
        "case.effective_date",
        422,
    ),
    "29: effective before the case was accepted": (
        IN_MEDIATION,
        replace(agree, effective_at=NOW - DAY),
        "case.effective_date",
        422,
    ),
    "a second agreement over the first": (AGREED, oral(), "case.wrong_status", 409),
    "a session after the agreement": (AGREED, HoldSession(2, MEDIATOR), "case.wrong_status", 409),
    "withdrawal after the agreement": (AGREED, Withdraw(OWNER, CLERK), "case.wrong_status", 409),
    "33: one party alone": (AGREED, replace(ask_court, parties=(OWNER,)), "case.parties_not_together", 422),
    "33: identity, adoption, marriage": (
        AGREED,
        replace(ask_court, matter_excluded=True),
        "case.matter_excluded",
        422,
    ),
    "33: asked again, of another court": (ASKED, replace(ask_court, court="F150103"), "case.wrong_status", 409),
    "33: asked again once confirmed": (CONFIRMED, ask_court, "case.wrong_status", 409),
    "a ruling that nobody asked for": (AGREED, refuse, "case.wrong_status", 409),
    "the court changes its mind": (CONFIRMED, refuse, "case.wrong_status", 409),
    "33: enforcement of what was not confirmed": (
        NOT_CONFIRMED,
        Guide(Guidance.COURT_ENFORCEMENT, CLERK),
        "case.not_enforceable",
        422,
    ),
    "an instalment that is not there": (AGREED, PerformInstalment(3, CLERK), "case.no_such_instalment", 422),
    "performance before an agreement": (IN_MEDIATION, PerformInstalment(1, MEDIATOR), "case.wrong_status", 409),
    "performance of what the court refused": (NOT_CONFIRMED, PerformInstalment(1, CLERK), "case.wrong_status", 409),
    "breach before it is due": (AGREED, ReportBreach(1, CLERK), "case.not_due_yet", 409),
    "breach of what was performed": (PERFORMING, ReportBreach(1, CLERK), "case.no_such_instalment", 422),
}


@pytest.mark.parametrize(("life", "command", "code", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(life: tuple[Command, ...], command: Command, code: str, status: int) -> None:
    with pytest.raises(Rejected) as refusal:
        decide(lived(*life), command, at(NOW))
    assert (refusal.value.code, refusal.value.status) == (code, status)


BOTH = {"performance:1": 10, "reminder:1": 7, "performance:2": 28, "reminder:2": 25}
DEADLINES = {
    "performance, by agreement and by default, each with a reminder before": (AGREED, BOTH),
    "the court's two limits beside performance": (ASKED, {**BOTH, "acceptance": 3, "ruling": 18}),
    "no ruling any more": (CONFIRMED, BOTH),
    "guidance after a refusal": (NOT_CONFIRMED, {"guidance": 3}),
    "mediation anew": ((*NOT_CONFIRMED, HoldSession(2, MEDIATOR)), {"mediation": 31}),
    "one instalment left": (PERFORMING, {"performance:2": 28, "reminder:2": 25}),
    "performed: a return visit": ((*PERFORMING, PerformInstalment(2, CLERK)), {"revisit": 14}),
    "performed while the court still thinks": (
        (*PERFORMING, ask_court, PerformInstalment(2, CLERK)),
        {"revisit": 14},
    ),
}


@pytest.mark.parametrize(("life", "days"), DEADLINES.values(), ids=DEADLINES)
def test_deadlines(life: tuple[Command, ...], days: dict[str, int]) -> None:
    assert deadlines(lived(*life)) == {step: NOW + n * DAY for step, n in days.items()}


@pytest.mark.parametrize(
    ("name", "article"),
    [
        ("parties", "第二十九条第一款第（一）项"),
        ("facts", "第二十九条第一款第（二）项"),
        ("contents", "第二十九条第一款第（三）项"),
        ("performance", "第二十九条第一款第（三）项"),
    ],
)
def test_29_what_is_missing_is_named_with_its_article(name: str, article: str) -> None:
    with pytest.raises(Rejected) as refusal:
        decide(lived(*IN_MEDIATION), replace(agree, paper=replace(signed, missing=(name,))), at(NOW))
    assert (refusal.value.field, article in str(refusal.value)) == (name, True)


def test_29_signatures_are_kept_and_an_oral_agreement_has_none() -> None:
    assert lived(*AGREED).paper.signatures == signed.signatures
    assert lived(*IN_MEDIATION, oral()).paper.signatures == ()


def test_a_late_step_that_is_done_is_late_no_more() -> None:
    case = lived(*AGREED)
    case = folded(case, decide(case, DeadlineReached("performance:1"), at(NOW + 10 * DAY)))
    events = decide(case, PerformInstalment(1, CLERK), at(NOW + 11 * DAY))
    assert events == [InstalmentPerformed(number=1, in_time=False, by="C1")]
    assert folded(case, events).late == {}


def test_an_agreement_numbers_its_instalments_and_says_until_when_the_court_may_be_asked() -> None:
    (agreed,) = decide(lived(*IN_MEDIATION), replace(agree, effective_at=NOW), at(NOW + 2 * DAY))
    assert isinstance(agreed, CaseAgreed)
    assert [(i.number, i.due) for i in agreed.instalments] == [(1, NOW + 10 * DAY), (2, NOW + 28 * DAY)]
    assert agreed.effective_at == NOW
    assert agreed.confirmation_until == NOW + 30 * DAY


@pytest.mark.parametrize(("days", "late"), [(30, False), (31, True)])
def test_the_court_is_asked_within_thirty_days_of_effect(days: int, late: bool) -> None:
    case = lived(*AGREED)
    if not late:
        assert decide(case, ask_court, at(NOW + days * DAY))
        return
    with pytest.raises(Rejected, match=r"case\.confirmation_too_late"):
        decide(case, ask_court, at(NOW + days * DAY))


@pytest.mark.parametrize(
    ("life", "confirmed", "guidance"),
    [(AGREED, False, Guidance.COURT), (CONFIRMED, True, Guidance.COURT_ENFORCEMENT)],
    ids=["32: not confirmed: sue", "33: confirmed: enforcement"],
)
def test_a_breach_leads_to_guidance(life: tuple[Command, ...], confirmed: bool, guidance: Guidance) -> None:
    now = at(NOW + 10 * DAY)
    events = decide(lived(*life), ReportBreach(1, CLERK), now)
    assert events == [CaseBreached(number=1, confirmed=confirmed, guidance_due=NOW + 13 * DAY, by="C1")]
    case = breached(*life)
    assert case.status is Status.BREACHED
    assert deadlines(case) == {"guidance": NOW + 13 * DAY}
    assert decide(case, ReportBreach(1, CLERK), now) == []
    assert folded(case, decide(case, Guide(guidance, CLERK), now)).status is Status.GUIDED


def test_a_second_agreement_starts_with_nothing_performed() -> None:
    case = lived(*PERFORMING, ask_court, refuse, HoldSession(2, MEDIATOR), oral())
    assert case.performed == ()
    assert (case.agreement_id, case.court) == (PAPER_2, None)
    assert decide(case, ask_court, at(NOW)), "the court may be asked about it anew"

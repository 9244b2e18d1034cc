"""Planned sessions, extension, risk, oversight, return visit and archive of domain.md's Case; 人民调解法 22–27, 31."""

from dataclasses import replace

import pytest

from contracts.event import Event
from contracts.mediation import SessionHeld
from contracts.mediation_course import (
    CaseArchived,
    CaseRevisited,
    CaseTextRevealed,
    InstalmentChanged,
    InstalmentDueSoon,
    InstalmentPartlyPerformed,
    MediationExtended,
    PerformanceOverseen,
    RiskCleared,
    RiskReported,
    SessionPlanned,
)
from contracts.rejected import Rejected
from services.mediation.case import deadlines, decide
from services.mediation.case_archive import ArchiveCase, VisitAgain
from services.mediation.case_course import CaseCommand
from services.mediation.case_model import DeadlineReached, Guide, HoldSession, PerformInstalment, Staff, Status
from services.mediation.case_parts import Guidance, Measure, Outcome, Oversight, Purpose, RiskKind, Setting, Way
from services.mediation.case_performance import ChangeInstalment, OverseePerformance, PerformPart
from services.mediation.case_sessions import CONTACT, ClearRisk, ExtendMediation, PlanSession, ReportRisk, RevealText
from tests.unit.case_life import (
    ACCEPTED,
    AGREED,
    APPEAL,
    ASKED,
    ASSIGNED,
    CLERK,
    CONFIRMED,
    CONSENT_PENDING,
    DAY,
    FAILED,
    IN_MEDIATION,
    MEDIATOR,
    NEIGHBOUR,
    NOT_CONFIRMED,
    NOW,
    ORDER,
    OTHER_MEDIATOR,
    OWNER,
    PAPER,
    PAPER_2,
    PERFORMING,
    TENANT,
    ask_court,
    at,
    folded,
    lived,
    oral,
    refuse,
    session,
)

BOTH = (TENANT, OWNER)
plan = PlanSession(1, NOW + 2 * DAY, Setting.COMMUNITY, MEDIATOR)
extend = ExtendMediation(NOW + 50 * DAY, BOTH, MEDIATOR)
report = ReportRisk(PAPER, RiskKind.PUBLIC_SECURITY, "P150102001", NOW - DAY, Measure.ACCOMPANIED, MEDIATOR)
clear = ClearRisk(PAPER, CLERK)
part = PerformPart(1, 40, MEDIATOR)
change = ChangeInstalment(1, NOW + 20 * DAY, BOTH, CLERK)
oversee = OverseePerformance(PAPER, 1, Way.VISIT, MEDIATOR)
look = RevealText(PAPER, "sessions", Purpose.MEDIATION, MEDIATOR)
visit = VisitAgain(Outcome.SETTLED, CLERK)
archive = ArchiveCase(CLERK)
PERFORMED = (*PERFORMING, PerformInstalment(2, CLERK))
GUIDED = (*FAILED, Guide(Guidance.COURT, CLERK))
REVISITED = (*PERFORMED, visit)
ARCHIVED = (*REVISITED, archive)

ROAD = {
    "22: a session is planned": (ASSIGNED, plan, [SessionPlanned], Status.MEDIATOR_ASSIGNED),
    "another time for it": (
        (*ASSIGNED, plan),
        replace(plan, at=NOW + 3 * DAY),
        [SessionPlanned],
        Status.MEDIATOR_ASSIGNED,
    ),
    "the clerk plans the second one": (
        IN_MEDIATION,
        replace(plan, number=2, by=CLERK),
        [SessionPlanned],
        Status.IN_MEDIATION,
    ),
    "anew after the court's refusal": (
        NOT_CONFIRMED,
        replace(plan, number=2),
        [SessionPlanned],
        Status.NOT_CONFIRMED,
    ),
    "it is held, and who came is kept": (
        (*ASSIGNED, plan),
        HoldSession(1, MEDIATOR, (TENANT,)),
        [SessionHeld],
        Status.IN_MEDIATION,
    ),
    "23: every party goes on beyond the month": (IN_MEDIATION, extend, [MediationExtended], Status.IN_MEDIATION),
    "25: the police are told": (IN_MEDIATION, report, [RiskReported], Status.IN_MEDIATION),
    "25: escalation alone is met by measures": (
        CONSENT_PENDING,
        ReportRisk(PAPER, RiskKind.ESCALATION, None, None, Measure.VISITED, CLERK),
        [RiskReported],
        Status.CONSENT_PENDING,
    ),
    "25: a dispute escalates after its failure, too": (GUIDED, report, [RiskReported], Status.GUIDED),
    "the risk is over": ((*IN_MEDIATION, report), clear, [RiskCleared], Status.IN_MEDIATION),
    "who looks is recorded": (IN_MEDIATION, look, [CaseTextRevealed], Status.IN_MEDIATION),
    "even in the archive": (ARCHIVED, look, [CaseTextRevealed], Status.ARCHIVED),
    "31: performed in part": (AGREED, part, [InstalmentPartlyPerformed], Status.AGREED_WRITTEN),
    "31: every party moves a date": (AGREED, change, [InstalmentChanged], Status.AGREED_WRITTEN),
    "31: of a confirmed agreement, too": (CONFIRMED, change, [InstalmentChanged], Status.CONFIRMED),
    "31: the committee oversees": (AGREED, oversee, [PerformanceOverseen], Status.AGREED_WRITTEN),
    "31: while the court looks, too": (ASKED, oversee, [PerformanceOverseen], Status.CONFIRMATION_PENDING),
    "PERFORMED -> REVISITED": (PERFORMED, visit, [CaseRevisited], Status.REVISITED),
    "GUIDED -> REVISITED": (GUIDED, VisitAgain(Outcome.RECURRED, CLERK), [CaseRevisited], Status.REVISITED),
    "27: REVISITED -> ARCHIVED": (REVISITED, archive, [CaseArchived], Status.ARCHIVED),
}


@pytest.mark.parametrize(("life", "command", "kinds", "status"), ROAD.values(), ids=ROAD)
def test_what_happens(
    life: tuple[CaseCommand, ...], command: CaseCommand, kinds: list[type[Event]], status: Status
) -> None:
    case = lived(*life)
    events = decide(case, command, at(NOW))
    assert [type(event) for event in events] == kinds
    after = folded(case, events)
    assert after.status is status
    assert decide(after, command, at(NOW)) == [], "the same command again is already true"


REFUSED = {
    "a session before a mediator": (ACCEPTED, replace(plan, by=CLERK), "case.wrong_status", 409),
    "a session is left out": (ASSIGNED, replace(plan, number=2), "case.session_number", 422),
    "a session in the past": (ASSIGNED, replace(plan, at=NOW), "case.session_time", 422),
    "planned by another mediator": (ASSIGNED, replace(plan, by=OTHER_MEDIATOR), "case.not_your_case", 403),
    "a stranger came": (ASSIGNED, HoldSession(1, MEDIATOR, (NEIGHBOUR,)), "case.unknown_party", 422),
    "23: one party alone goes on": (
        IN_MEDIATION,
        replace(extend, parties=(TENANT,)),
        "case.extension_not_agreed",
        422,
    ),
    "shortened": (IN_MEDIATION, replace(extend, until=NOW + 30 * DAY), "case.extension_date", 422),
    "longer than a month more": (IN_MEDIATION, replace(extend, until=NOW + 63 * DAY), "case.extension_date", 422),
    "extended after the agreement": (AGREED, extend, "case.wrong_status", 409),
    "25: nobody is told of a crime": (
        IN_MEDIATION,
        replace(report, kind=RiskKind.CRIMINAL, office=None),
        "case.risk_not_told",
        422,
    ),
    "told in the future": (IN_MEDIATION, replace(report, told_at=NOW + DAY), "case.risk_told_at", 422),
    "a risk of an archived case": (ARCHIVED, report, "case.wrong_status", 409),
    "cleared without a report": (IN_MEDIATION, clear, "case.no_such_risk", 422),
    "another mediator looks": (IN_MEDIATION, replace(look, by=OTHER_MEDIATOR), "case.not_your_case", 403),
    "31: less than before": ((*AGREED, part), replace(part, percent=30), "case.part_smaller", 422),
    "a part of what was performed": (PERFORMING, part, "case.no_such_instalment", 422),
    "31: one party alone moves a date": (AGREED, replace(change, parties=(OWNER,)), "case.change_not_agreed", 422),
    "moved into the past": (AGREED, replace(change, due=NOW), "case.change_date", 422),
    "moved while the court looks": (ASKED, change, "case.wrong_status", 409),
    "moved once performed": (PERFORMING, change, "case.no_such_instalment", 422),
    "overseen before an agreement": (IN_MEDIATION, oversee, "case.wrong_status", 409),
    "a return visit before the end": (AGREED, visit, "case.wrong_status", 409),
    "a mediator visits his own case": (PERFORMED, replace(visit, by=MEDIATOR), "case.not_your_case", 403),
    "another answer to the visit": (REVISITED, VisitAgain(Outcome.RECURRED, CLERK), "case.wrong_status", 409),
    "archived without a visit": (PERFORMED, archive, "case.wrong_status", 409),
    "archived with an open risk": ((*REVISITED, report), archive, "case.risk_open", 409),
    "a mediator archives": (REVISITED, replace(archive, by=MEDIATOR), "case.not_your_case", 403),
    "anything after the archive": (ARCHIVED, HoldSession(2, MEDIATOR), "case.wrong_status", 409),
}


@pytest.mark.parametrize(("life", "command", "code", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(life: tuple[CaseCommand, ...], command: CaseCommand, code: str, status: int) -> None:
    with pytest.raises(Rejected) as refusal:
        decide(lived(*life), command, at(NOW))
    assert (refusal.value.code, refusal.value.status) == (code, status)


DEADLINES = {
    "27: a planned session is to be recorded": ((*ASSIGNED, plan), {"mediation": 31, "session": 3}),
    "no more once it is held": ((*ASSIGNED, plan, session), {"mediation": 31}),
    "23: extended": ((*IN_MEDIATION, extend), {"mediation": 50}),
    "return visit after guidance": (GUIDED, {"revisit": 14}),
    "archive after the visit": (REVISITED, {"archive": 14}),
    "nothing after the archive": (ARCHIVED, {}),
    "a date that was moved, with its reminder": (
        (*PERFORMING, replace(change, number=2)),
        {"performance:2": 20, "reminder:2": 17},
    ),
}


@pytest.mark.parametrize(("life", "days"), DEADLINES.values(), ids=DEADLINES)
def test_deadlines(life: tuple[CaseCommand, ...], days: dict[str, int]) -> None:
    assert deadlines(lived(*life)) == {step: NOW + n * DAY for step, n in days.items()}


@pytest.mark.parametrize(
    ("life", "step"), [((*ASSIGNED, plan), "session"), (GUIDED, "revisit"), (REVISITED, "archive")]
)
def test_a_step_that_is_late_shows_it_until_it_is_done(life: tuple[CaseCommand, ...], step: str) -> None:
    case = lived(*life)
    late = folded(case, decide(case, DeadlineReached(step), at(deadlines(case)[step])))
    assert late.late == {step: deadlines(case)[step]}
    done: dict[str, CaseCommand] = {"session": session, "revisit": visit, "archive": archive}
    assert folded(late, decide(late, done[step], at(NOW + 40 * DAY))).late == {}


def test_a_late_mediation_that_is_extended_is_late_no_more() -> None:
    case = lived(*IN_MEDIATION)
    late = folded(case, decide(case, DeadlineReached("mediation"), at(NOW + 31 * DAY)))
    extended = folded(late, decide(late, extend, at(NOW + 32 * DAY)))
    assert (extended.late, deadlines(extended)) == ({}, {"mediation": NOW + 50 * DAY})


def test_31_the_parties_are_reminded_once_before_each_date_and_again_when_it_moves() -> None:
    case = lived(*AGREED)
    assert decide(case, DeadlineReached("reminder:1"), at(NOW + 6 * DAY)) == []
    events = decide(case, DeadlineReached("reminder:1"), at(NOW + 7 * DAY))
    assert events == [
        InstalmentDueSoon(number=1, due=NOW + 10 * DAY, order_id=ORDER, appeals=[APPEAL], parties=[TENANT, OWNER])
    ]
    reminded = folded(case, events)
    assert "reminder:1" not in deadlines(reminded)
    assert reminded.late == {}, "a reminder is nobody's limit"
    assert decide(reminded, DeadlineReached("reminder:1"), at(NOW + 8 * DAY)) == []
    moved = folded(reminded, decide(reminded, change, at(NOW + 8 * DAY)))
    assert deadlines(moved)["reminder:1"] == NOW + 17 * DAY


def test_nobody_is_reminded_of_what_was_performed() -> None:
    assert "reminder:1" not in deadlines(lived(*PERFORMING))


def test_whose_contact_is_looked_at_is_recorded_and_has_to_be_a_party() -> None:
    case, service = lived(*PERFORMING), Staff("notify", clerk=True)
    look_at = RevealText(PAPER, CONTACT + OWNER, Purpose.SUPERVISION, service)
    assert decide(case, look_at, at(NOW)) == [
        CaseTextRevealed(reveal_id=PAPER, what=f"contact:{OWNER}", purpose="supervision", by="notify")
    ]
    with pytest.raises(Rejected) as refusal:
        decide(case, replace(look_at, what=CONTACT + PAPER), at(NOW))
    assert refusal.value.code == "case.unknown_party"


def test_who_came_and_what_was_planned() -> None:
    case = lived(*ASSIGNED, plan, HoldSession(1, MEDIATOR, (TENANT, OWNER)), HoldSession(2, MEDIATOR))
    assert (case.talks.planned, dict(case.talks.attended)) == (None, {1: (TENANT, OWNER)})


def test_25_the_record_says_who_was_told_when_and_what_is_done() -> None:
    (told,) = decide(lived(*IN_MEDIATION), report, at(NOW))
    assert told == RiskReported(
        report_id=PAPER,
        kind="public_security",
        office="P150102001",
        told_at=NOW - DAY,
        measure="accompanied",
        by="M1",
    )
    (now,) = decide(lived(*IN_MEDIATION), replace(report, told_at=None), at(NOW))
    assert isinstance(now, RiskReported)
    assert now.told_at == NOW


def test_a_second_report_takes_the_place_of_the_first() -> None:
    case = lived(*IN_MEDIATION, report, replace(report, report_id=PAPER_2, kind=RiskKind.CRIMINAL))
    assert case.talks.risk is not None
    assert case.talks.risk.kind is RiskKind.CRIMINAL
    assert decide(case, clear, at(NOW)) == [], "the first one is past"


def test_a_second_agreement_starts_with_nothing_overseen() -> None:
    anew = (*AGREED, part, oversee, ask_court, refuse, HoldSession(2, MEDIATOR), oral())
    assert lived(*anew).oversight == Oversight()

"""Return visit 回访 and archive 归档, with which a case ends. 人民调解法 27: the committee keeps a file of every case.

The centre asks what became of a dispute that was settled, performed or guided on; the file is closed after that, and
not while a risk of escalation is open.
"""

from dataclasses import dataclass

from contracts.event import Event
from contracts.frozen import replace
from contracts.mediation_course import CaseArchived, CaseRevisited
from contracts.rejected import Rejected
from services.mediation.agreement import wrong_status
from services.mediation.case_model import Case, Context, Staff, Status
from services.mediation.case_parts import Outcome


@dataclass(frozen=True, slots=True)
class VisitAgain:
    """回访, by the centre and not by the mediator himself."""

    outcome: Outcome
    by: Staff


@dataclass(frozen=True, slots=True)
class ArchiveCase:
    """立卷归档."""

    by: Staff


AboutArchive = VisitAgain | ArchiveCase
ArchiveEvent = CaseRevisited | CaseArchived


def decide_archive(case: Case, command: AboutArchive, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` with code ``case.*``."""
    if not command.by.clerk:
        raise Rejected("case.not_your_case", "回访和归档由综治中心窗口办理", status=403)
    match command, case.status:
        case VisitAgain(outcome, by), Status.PERFORMED | Status.GUIDED | Status.SETTLED:
            archive_due = context.due("archive", context.now)
            return [CaseRevisited(outcome=outcome, archive_due=archive_due, by=by.id)]
        case VisitAgain(outcome), Status.REVISITED if case.outcome is outcome:
            return []
        case ArchiveCase(by), Status.REVISITED:
            if case.talks.risk is not None:
                raise Rejected("case.risk_open", "风险尚未解除，不能归档")
            return [CaseArchived(by=by.id)]
        case VisitAgain(outcome), Status.ARCHIVED if case.outcome is outcome:
            return []
        case ArchiveCase(), Status.ARCHIVED:
            return []
    raise wrong_status(case)


def evolve_archive(case: Case, event: ArchiveEvent) -> Case:
    """The case after its return visit or its archiving."""
    match event:
        case CaseRevisited():
            asked = replace(case, status=Status.REVISITED, outcome=Outcome(event.outcome))
            return replace(asked, timers={"archive": event.archive_due}, late={})
        case CaseArchived():
            return replace(case, status=Status.ARCHIVED, timers={}, late={})

"""Performance 履行 of an agreement under the committee's eyes. Articles are those of 人民调解法.

Parties are reminded before each date, parts are noted, dates are moved where every party agrees, and the committee
looks after what is due [31]. What was performed and what was not is in ``agreement.py``.
"""

from dataclasses import dataclass
from datetime import datetime

from contracts.event import Event
from contracts.frozen import replace
from contracts.mediation import Instalment
from contracts.mediation_course import (
    InstalmentChanged,
    InstalmentDueSoon,
    InstalmentPartlyPerformed,
    PerformanceOverseen,
)
from contracts.rejected import Rejected
from services.mediation.agreement import BINDING, open_instalment, reminder_of, timer_of, without, wrong_status
from services.mediation.case_model import Case, Context, Staff
from services.mediation.case_parts import Confirmation, Way

REMINDER = "reminder:"


@dataclass(frozen=True, slots=True)
class PerformPart:
    """部分履行 of one instalment: ``percent`` of it until now."""

    number: int
    percent: int
    by: Staff


@dataclass(frozen=True, slots=True)
class ChangeInstalment:
    """变更履行期限: ``parties`` are those who agreed."""

    number: int
    due: datetime
    parties: tuple[str, ...]
    by: Staff


@dataclass(frozen=True, slots=True)
class OverseePerformance:
    """督促履行."""

    check_id: str
    number: int
    way: Way
    by: Staff


AboutPerformance = PerformPart | ChangeInstalment | OverseePerformance
PerformanceEvent = InstalmentDueSoon | InstalmentPartlyPerformed | InstalmentChanged | PerformanceOverseen


def decide_performance(case: Case, command: AboutPerformance, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` with code ``case.*``."""
    match command:
        case PerformPart(number, percent, by):
            before = case.oversight.partly.get(number, 0)
            if percent == before:
                return []
            open_instalment(case, number)
            if percent < before:
                message = f"此前已记录履行{before}%，不能减少"
                raise Rejected("case.part_smaller", message, field="percent", status=422)
            return [InstalmentPartlyPerformed(number=number, percent=percent, by=by.id)]
        case ChangeInstalment():
            return _change(case, command, context)
        case OverseePerformance(check_id, number, way, by):
            if check_id in case.oversight.checks:
                return []
            open_instalment(case, number)
            return [PerformanceOverseen(check_id=check_id, number=number, way=way, by=by.id)]


def _change(case: Case, command: ChangeInstalment, context: Context) -> list[Event]:
    """31: an agreement binds, so that its dates move by every party's consent, and not while the court looks."""
    instalment = open_instalment(case, command.number)
    if instalment.due == command.due:
        return []
    if case.confirmation is Confirmation.PENDING:
        raise wrong_status(case)
    if set(command.parties) != {party.party_id for party in case.parties}:
        raise Rejected("case.change_not_agreed", "变更履行期限应经各方当事人同意", field="parties", status=422)
    if command.due <= context.now:
        raise Rejected("case.change_date", "变更后的履行期限应在现在之后", field="due", status=422)
    return [
        InstalmentChanged(
            number=command.number,
            due=command.due,
            remind_at=reminder_of(command.due, context),
            agreed_by=sorted(command.parties),
            by=command.by.id,
        )
    ]


def reminders(case: Case) -> dict[str, datetime]:
    """When which instalment is to be reminded of. No limits of anybody, so they are not among the case's timers."""
    if case.status not in BINDING:
        return {}
    return {
        f"{REMINDER}{one.number}": one.remind_at
        for one in case.instalments
        if one.remind_at and one.number not in case.performed and case.oversight.reminded.get(one.number) != one.due
    }


def remind(case: Case, step: str, now: datetime) -> list[Event]:
    """What happens when it is time to remind of an instalment."""
    at = reminders(case).get(step)
    if at is None or at > now:
        return []
    [instalment] = [one for one in case.instalments if f"{REMINDER}{one.number}" == step]
    return [
        InstalmentDueSoon(
            number=instalment.number,
            due=instalment.due,
            order_id=case.order_id,
            appeals=list(case.appeals),
            parties=[party.party_id for party in case.parties],
        )
    ]


def evolve_performance(case: Case, event: PerformanceEvent) -> Case:
    """The case after an event about its performance."""
    oversight = case.oversight
    match event:
        case InstalmentDueSoon():
            return replace(case, oversight=replace(oversight, reminded={**oversight.reminded, event.number: event.due}))
        case InstalmentPartlyPerformed():
            partly = {**oversight.partly, event.number: event.percent}
            return replace(case, oversight=replace(oversight, partly=partly))
        case InstalmentChanged():
            changed = Instalment(number=event.number, due=event.due, remind_at=event.remind_at)
            instalments = tuple(changed if one.number == event.number else one for one in case.instalments)
            begun = without(case, timer_of(event.number))
            timers = {**begun.timers, timer_of(event.number): event.due}
            return replace(begun, instalments=instalments, timers=timers)
        case PerformanceOverseen():
            return replace(case, oversight=replace(oversight, checks=(*oversight.checks, event.check_id)))

"""The course of a case from its first session to the archive: which rules a command or an event belongs to."""

from datetime import datetime

from contracts.event import Event
from services.mediation.case_archive import AboutArchive, ArchiveEvent, decide_archive, evolve_archive
from services.mediation.case_court import AboutCourt, CourtEvent, decide_court, evolve_court
from services.mediation.case_model import Case, Command, Context
from services.mediation.case_performance import (
    REMINDER,
    AboutPerformance,
    PerformanceEvent,
    decide_performance,
    evolve_performance,
    remind,
    reminders,
)
from services.mediation.case_sessions import AboutSessions, SessionEvent, decide_sessions, evolve_sessions

CourseCommand = AboutSessions | AboutCourt | AboutPerformance | AboutArchive
CaseCommand = Command | CourseCommand
"""Everything that may be asked of a case."""
CourseEvent = SessionEvent | CourtEvent | PerformanceEvent | ArchiveEvent


def decide_course(case: Case, command: CourseCommand, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` with code ``case.*``."""
    if isinstance(command, AboutSessions):
        return decide_sessions(case, command, context)
    if isinstance(command, AboutCourt):
        return decide_court(case, command, context)
    if isinstance(command, AboutPerformance):
        return decide_performance(case, command, context)
    return decide_archive(case, command, context)


def evolve_course(case: Case, event: CourseEvent) -> Case:
    """The case after one of these events."""
    if isinstance(event, SessionEvent):
        return evolve_sessions(case, event)
    if isinstance(event, CourtEvent):
        return evolve_court(case, event)
    if isinstance(event, PerformanceEvent):
        return evolve_performance(case, event)
    return evolve_archive(case, event)


def reached(case: Case, step: str, now: datetime) -> list[Event] | None:
    """What happens when it is time for a reminder; None if the timer is a limit of somebody."""
    return remind(case, step, now) if step.startswith(REMINDER) else None


def timers(case: Case) -> dict[str, datetime]:
    """Every timer that must be running, reminders too."""
    return {**case.timers, **reminders(case)}

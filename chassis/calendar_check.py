"""Tells operators that the working calendar does not know a year yet that limits will soon end in."""

from datetime import UTC, datetime, timedelta

from chassis.health import CheckResult
from chassis.metrics import CALENDAR_KNOWN_UNTIL
from chassis.working_time import WorkCalendar

AHEAD = timedelta(days=30)  # about as far as limits of a few working days reach over a long holiday


async def check_calendar(calendar: WorkCalendar) -> CheckResult:
    """Never a reason not to be ready; ``provisional`` says that limits that start today may end in an unknown year."""
    known_until = max(calendar.holidays.years, default=0)
    CALENDAR_KNOWN_UNTIL.set(known_until)
    provisional = calendar.ends_provisionally(datetime.now(UTC) + AHEAD)
    return CheckResult(True, {"known_until": known_until, "provisional": provisional})

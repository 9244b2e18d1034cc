"""The router's clock: the limits file and the working calendar, as the rules of orders and whistles ask for them."""

from datetime import datetime
from functools import cache

from chassis.limits import Limits
from chassis.working_time import Limit, Unit

CATALOGUE = "派单目录 dispatch catalogue"


@cache
def _printed(count: int, unit: Unit) -> Limit:
    """A limit as the catalogue prints it; there are few, and every dispatch asks for three."""
    return Limit(count, unit, CATALOGUE)


class LimitsClock:
    """``services.router.obligations.Clock`` over a limits file. Instants are aware; results are in UTC."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._yellow = limits.ratio("yellow")

    def limit(self, name: str, start: datetime) -> datetime:
        """The end of a named limit. Raises ``chassis.limits.LimitsError`` for an unknown name."""
        return self._limits.due(name, start)

    def hours(self, count: int, start: datetime) -> datetime:
        """The end of so many plain hours."""
        return self._limits.calendar.add(start, _printed(count, Unit.HOURS))

    def working_days(self, count: int, start: datetime) -> datetime:
        """The end of so many working days."""
        return self._limits.calendar.add(start, _printed(count, Unit.WORKING_DAYS))

    def yellow(self, working_days: int, start: datetime) -> datetime:
        """黄牌: when the ``yellow`` part of so many working days has gone."""
        return self._limits.calendar.fraction(start, _printed(working_days, Unit.WORKING_DAYS), self._yellow)

    def resume(self, due: datetime, stopped_at: datetime, resumed_at: datetime) -> datetime:
        """The new end of a clock that stood still: the working time left goes on."""
        return self._limits.calendar.resume(due, stopped_at, resumed_at)

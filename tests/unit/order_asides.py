"""What is asked for in orders, for the tests of its rules."""

from contracts.codes import SupervisionLevel
from services.router.order_commands import Routing
from services.router.request_commands import (
    ExclusionReason,
    ExtensionReason,
    RequestExclusion,
    RequestExtension,
    RequestReturn,
    RequestRuling,
    RequestSuspension,
    Settle,
    SuspensionReason,
    WrongUnit,
)
from services.router.turn_commands import Supervise, SupervisionForm
from tests.unit.order_life import STREET, STREET_LEADS, Life, at, opened, signed

THIRD, FOURTH, FIFTH = "S150102002", "S150102003", "D15010004"
RECHECK = at("20T09:00")


def request(number: int) -> str:
    return f"01900000-0000-7000-8000-0000000000a{number}"


def wants_return(unit: str = STREET, number: int = 1, to: str = THIRD) -> RequestReturn:
    return RequestReturn(request(number), unit, WrongUnit.NOT_OUR_AREA, to, "U1")


def wants_ruling(unit: str = STREET, number: int = 1, to: str = THIRD) -> RequestRuling:
    return RequestRuling(request(number), unit, WrongUnit.NOT_OUR_DUTY, to, "U1")


def wants_extension(unit: str = STREET, number: int = 1, days: int = 2) -> RequestExtension:
    return RequestExtension(request(number), unit, ExtensionReason.WORKS, days, "U1")


def wants_suspension(unit: str = STREET, number: int = 1) -> RequestSuspension:
    return RequestSuspension(request(number), unit, SuspensionReason.SEASON, RECHECK, "U1")


def wants_exclusion(unit: str = STREET, number: int = 1, code: str | None = "X0101") -> RequestExclusion:
    reason = ExclusionReason.EXCLUSION_ITEM if code else ExclusionReason.SCORE_APPEAL
    return RequestExclusion(request(number), unit, reason, code, "U1")


def settle(role: str, approve: bool = True, number: int = 1, unit: str | None = None) -> Settle:
    return Settle(request(number), approve, frozenset({role}), unit, "V1")


def yes(role: str, number: int = 1) -> Settle:
    return settle(role, True, number)


def no(role: str, number: int = 1) -> Settle:
    return settle(role, False, number)


def supervise(number: int = 1, level: SupervisionLevel = SupervisionLevel.RED) -> Supervise:
    return Supervise(request(number), SupervisionForm.INTERVIEW, level, "V1")


def in_return_review(routing: Routing = STREET_LEADS) -> Life:
    return opened(routing).do(wants_return())


def suspended() -> Life:
    return signed().do(wants_suspension(), yes("reviewer"))

"""回访轮次 — what the call-backs of one round mean for the order. Pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from contracts.codes import ClosingOutcome, ReasonClass, Resolution


class Answer(StrEnum):
    """What one caller's call-back counts as."""

    SOLVED = "solved"  # 已解决
    UNSOLVED = "unsolved"  # 未解决: the units' work, or not stated: handled again
    BEYOND_POLICY = "beyond_policy"  # 超出法律政策: explained, does not blame the units
    UNREACHED = "unreached"  # 未联系上


def answer_of(resolution: Resolution | None, reason_class: ReasonClass) -> Answer:
    """What an answer counts as; no resolution = not reached. "Partly" is not solved (domain.md, PENDING_REVISIT)."""
    match resolution:
        case None:
            return Answer.UNREACHED
        case Resolution.YES:
            return Answer.SOLVED
        case _ if reason_class is ReasonClass.BEYOND_POLICY:
            return Answer.BEYOND_POLICY
        case _:
            return Answer.UNSOLVED


def unsolved(called: Iterable[str], answers: Mapping[str, Answer]) -> list[str]:
    """The callers of a round whose appeals have to be handled again."""
    return [appeal for appeal in called if answers.get(appeal) is Answer.UNSOLVED]


def outcome(answers: Iterable[Answer]) -> ClosingOutcome:
    """How the order ended, from every caller's last answer."""
    given = set(answers)
    if Answer.BEYOND_POLICY in given:
        return ClosingOutcome.EXPLAINED
    return ClosingOutcome.RESOLVED if Answer.SOLVED in given else ClosingOutcome.UNREACHED

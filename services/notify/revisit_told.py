"""What a call-back 回访 publishes: with an order, of which a router decides by it, or of a direct answer. Pure."""

from datetime import datetime
from typing import Protocol

from contracts.codes import ReasonClass
from contracts.event import Event
from contracts.notify import (
    AnswerRevisitCancelled,
    AnswerRevisitOpened,
    AnswerRevisitRecorded,
    AnswerRevisitUnreached,
    RevisitCancelled,
    RevisitOpened,
    RevisitRecorded,
    RevisitUnreached,
)
from services.notify.reasons import Reason
from services.notify.revisit_commands import Answers, Basis, Open, OpenForAnswer, Outcome, Record


class About(Protocol):
    """Whom and what a call-back is about."""

    @property
    def order_id(self) -> str: ...
    @property
    def appeal_id(self) -> str: ...
    @property
    def round(self) -> int: ...
    @property
    def basis(self) -> Basis: ...


def opened(command: Open | OpenForAnswer, due: datetime) -> Event:
    """回访任务."""
    match command:
        case Open():
            return RevisitOpened(
                issue_id=command.issue_id,
                order_id=command.order_id,
                appeal_id=command.appeal_id,
                round=command.round,
                due=due,
                basis=command.basis,
                item_code=command.item_code,
                completed_at=command.completed_at,
            )
        case OpenForAnswer():
            return AnswerRevisitOpened(
                issue_id=command.issue_id,
                appeal_id=command.appeal_id,
                knowledge_id=command.knowledge_id,
                item_code=command.item_code,
                answered_at=command.answered_at,
                due=due,
            )


def unreached(about: About, attempts: int, outcome: Outcome) -> Event:
    """未联系上, and how the last call ended."""
    if about.basis is Basis.ANSWER:
        return AnswerRevisitUnreached(appeal_id=about.appeal_id, attempts=attempts, reason=outcome)
    return RevisitUnreached(
        order_id=about.order_id,
        appeal_id=about.appeal_id,
        round=about.round,
        attempts=attempts,
        reason=outcome,
        basis=about.basis,
    )


def cancelled(about: About) -> Event:
    """取消回访."""
    if about.basis is Basis.ANSWER:
        return AnswerRevisitCancelled(appeal_id=about.appeal_id)
    return RevisitCancelled(order_id=about.order_id, appeal_id=about.appeal_id, round=about.round)


def recorded(about: About, answers: Answers, command: Record) -> Event:
    """回访结果; ``answers`` are complete."""
    reason_class = answers.reason_class or ReasonClass.NOT_STATED
    if about.basis is Basis.ANSWER:
        return AnswerRevisitRecorded(
            appeal_id=about.appeal_id,
            resolution=answers.resolution,
            satisfaction=answers.satisfaction,
            reason_class=reason_class,
            reason=answers.reason,
            channel=command.channel,
            commented=command.commented,
            by=command.by,
        )
    return RevisitRecorded(
        order_id=about.order_id,
        appeal_id=about.appeal_id,
        round=about.round,
        contacted=answers.contacted is True,
        in_time=answers.in_time is True,
        resolution=answers.resolution,
        satisfaction=answers.satisfaction,
        reason_class=reason_class,
        by=command.by,
        basis=about.basis,
        channel=command.channel,
        reason=answers.reason,
        commented=command.commented,
    )


def answers_of(event: RevisitRecorded | AnswerRevisitRecorded) -> Answers:
    """What a caller said, out of the event that told it."""
    return Answers(
        contacted=event.contacted if isinstance(event, RevisitRecorded) else None,
        in_time=event.in_time if isinstance(event, RevisitRecorded) else None,
        resolution=event.resolution,
        satisfaction=event.satisfaction,
        reason_class=event.reason_class,
        reason=None if event.reason is None else Reason(event.reason),
    )

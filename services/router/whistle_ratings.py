"""双向评价: the street rates the departments, the departments rate the street that blew. Pure."""

from contracts import router_whistles as happened
from contracts.event import Event
from contracts.frozen import replace
from contracts.rejected import Rejected
from services.router.whistle_commands import Context, Evaluate, Kind, RateWhistler
from services.router.whistle_lines import called_line, closed_without, escalated, own_line
from services.router.whistle_state import Line, LineStatus, Whistle

_ONCE_MORE = 2
"""Rated unsolved so often, a department has had its second try (domain.md, Whistle)."""


def evaluate(whistle: Whistle, command: Evaluate, context: Context) -> list[Event]:
    """街道评价: the last rating ends the whistle. Unsolved: a result once more, then escalated, then it is final.

    A supervisor may rate only what the street has not rated in its time.
    """
    if command.street is not None and command.street != whistle.street:
        raise Rejected("whistle.not_your_unit", "只有吹哨街道可以评价", status=403)
    line = called_line(whistle, command.unit)
    scores = (command.reported_in_score, command.acted_score, command.solved_score)
    if line.status is LineStatus.RELEASED:
        raise Rejected("whistle.released", "异议成立，该部门已免除报到，无需评价")
    if line.status is not LineStatus.RESULT:
        if line.scores == scores:
            return []
        code, text = ("already_evaluated", "该部门已评价") if line.ended else ("no_result", "该部门尚未反馈结果")
        raise Rejected(f"whistle.{code}", text)
    if command.street is None and "evaluate" not in line.late:
        raise Rejected("whistle.not_overdue", "街道尚在时限之内，督办员不能代为处理", status=403)
    if command.solved_score < context.formula.solved_from and line.unsolved < _ONCE_MORE:
        return _unsolved(whistle, line, command, context)
    evaluated = happened.WhistleEvaluated(
        unit=line.unit,
        reported_in_score=command.reported_in_score,
        acted_score=command.acted_score,
        solved_score=command.solved_score,
        by=command.by,
        score=context.formula.of_department(*scores),
        formula=context.formula.version,
        solved=command.solved_score >= context.formula.solved_from,
        instead_of_street=command.street is None,
    )
    return [evaluated, *closed_without(whistle, line)]


def _unsolved(whistle: Whistle, line: Line, command: Evaluate, context: Context) -> list[Event]:
    emergency = whistle.kind == Kind.EMERGENCY
    due = context.clock.limit("whistle_result_emergency" if emergency else "whistle_result_again", context.now)
    scores = (command.reported_in_score, command.acted_score, command.solved_score)
    unsolved = happened.WhistleRatedUnsolved(
        unit=line.unit,
        reported_in_score=command.reported_in_score,
        acted_score=command.acted_score,
        solved_score=command.solved_score,
        score=context.formula.of_department(*scores),
        formula=context.formula.version,
        count=line.unsolved + 1,
        result_due=due,
        instead_of_street=command.street is None,
        by=command.by,
    )
    if unsolved.count < _ONCE_MORE:
        return [unsolved]
    return [unsolved, escalated(whistle, replace(line, result_due=due), "unsolved_twice")]


def rate_whistler(whistle: Whistle, command: RateWhistler, context: Context) -> list[Event]:
    """部门反评, once, by a department that has given its result or was released; also after the whistle's end."""
    line = own_line(whistle, command.unit)
    scores = (command.needed_score, command.precise_score)
    if line.whistler_scores == scores:
        return []
    if line.whistler_scores is not None:
        raise Rejected("whistle.whistler_already_rated", "本部门已评价吹哨街道")
    if line.result_id is None and line.status is not LineStatus.RELEASED:
        raise Rejected("whistle.rating_too_early", "反馈结果或免除报到之后才能评价吹哨街道")
    return [
        happened.WhistleWhistlerRated(
            unit=line.unit,
            street=whistle.street,
            needed_score=command.needed_score,
            precise_score=command.precise_score,
            score=context.formula.of_street(*scores),
            formula=context.formula.version,
            by=command.by,
        )
    ]

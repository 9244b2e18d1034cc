"""Who mediates a case 调解案件: chosen by the parties or assigned by the committee, alone or as a panel, recused. Pure.

人民调解法 19: the committee may assign one or several mediators, and the parties may choose one or several. While a
choice is open the committee does not go before it, until the limit of the assignment has passed.
"""

from datetime import datetime

from contracts.event import Event
from contracts.frozen import replace
from contracts.mediation import MediatorAssigned
from contracts.mediation_door import (
    MediatorChoiceAccepted,
    MediatorChoiceDeclined,
    MediatorProposed,
    MediatorRecused,
)
from contracts.rejected import Rejected
from services.mediation.case_door import AboutMediators, AnswerProposal, Proposal, ProposeMediator, Recuse
from services.mediation.case_model import AssignMediator, Case, Context, Status
from services.mediation.refusals import known_party, wrong_status

MediatorEvent = MediatorAssigned | MediatorProposed | MediatorChoiceAccepted | MediatorChoiceDeclined | MediatorRecused
_WITH_MEDIATOR = (Status.ACCEPTED, Status.MEDIATOR_ASSIGNED, Status.IN_MEDIATION)


def decide_mediators(case: Case, command: AboutMediators, context: Context) -> list[Event]:
    """What happens. Raises ``Rejected`` with code ``case.*``."""
    match command:
        case ProposeMediator(mediator_id, committee, party_id):
            proposal = case.proposal or Proposal("", "", ())
            same = (proposal.mediator_id, proposal.committee) == (mediator_id, committee)
            if case.mediator == mediator_id or (same and party_id in proposal.accepted):
                return []
            return _agreed(case, party_id, proposal, command.by.id, context) if same else _proposed(case, command)
        case AnswerProposal():
            return _answered(case, command, context)
        case Recuse():
            return [] if command.mediator_id in case.recused else _recused(case, command, context)


def _proposed(case: Case, command: ProposeMediator) -> list[Event]:
    _may_be_chosen(case, command.party_id)
    _not_recused(case, (command.mediator_id,))
    return [
        MediatorProposed(
            mediator_id=command.mediator_id,
            committee=command.committee,
            party_id=command.party_id,
            by=command.by.id,
        )
    ]


def _answered(case: Case, command: AnswerProposal, context: Context) -> list[Event]:
    mediator_id, party_id = command.mediator_id, command.party_id
    proposal = case.proposal
    if proposal is None or proposal.mediator_id != mediator_id:
        if (command.agreed and case.mediator == mediator_id) or _refusal(mediator_id, party_id) in case.declined:
            return []
        raise Rejected("case.no_such_proposal", "没有待各方确认的该人选", field="mediator_id")
    if command.agreed:
        return [] if party_id in proposal.accepted else _agreed(case, party_id, proposal, command.by.id, context)
    _may_be_chosen(case, party_id)
    return [MediatorChoiceDeclined(mediator_id=mediator_id, party_id=party_id, by=command.by.id)]


def _agreed(case: Case, party_id: str, proposal: Proposal, by: str, context: Context) -> list[Event]:
    """19: what all parties want needs nobody's assignment."""
    _may_be_chosen(case, party_id)
    accepted = MediatorChoiceAccepted(mediator_id=proposal.mediator_id, party_id=party_id, by=by)
    if len(proposal.accepted) + 1 < len(case.parties):
        return [accepted]
    assigned = MediatorAssigned(
        mediator_id=proposal.mediator_id,
        committee=proposal.committee,
        mediation_due=_mediation_due(case, context),
        by=by,
        chosen=True,
    )
    return [accepted, assigned]


def _may_be_chosen(case: Case, party_id: str) -> None:
    if case.status is not Status.ACCEPTED:
        raise wrong_status(case)
    known_party(case, party_id)


def assign(case: Case, command: AssignMediator, context: Context) -> list[Event]:
    """19: by the committee, one or several; who is replaced does not move the limit."""
    if case.status not in _WITH_MEDIATOR:
        raise wrong_status(case)
    for party_id in command.conflicts:
        known_party(case, party_id)
        raise Rejected("case.conflict_of_interest", "调解员与当事人有利害关系，应当回避", field="conflicts", status=422)
    members = tuple(member.mediator_id for member in command.panel)
    if len({command.mediator_id, *members}) != len(members) + 1:
        raise Rejected("case.panel_twice", "主持人和合议调解员不得重复", field="panel", status=422)
    _not_recused(case, (command.mediator_id, *members))
    chosen = case.proposal
    if chosen is not None and chosen.mediator_id != command.mediator_id and "assign" in case.timers:
        raise Rejected("case.choice_pending", "当事人正在选择调解员，期限届满前不另行指定")
    return [
        MediatorAssigned(
            mediator_id=command.mediator_id,
            committee=command.committee,
            mediation_due=_mediation_due(case, context),
            by=command.by.id,
            panel=list(command.panel),
        )
    ]


def is_assigned(case: Case, command: AssignMediator) -> bool:
    """Whether the command has taken effect before."""
    same = (command.mediator_id, command.committee, command.panel)
    return not command.conflicts and (case.mediator, case.committee, case.panel) == same


def may_recuse(case: Case, command: Recuse) -> bool:
    """Whether the mediator, who is no clerk, declares a conflict of their own in a case that they have to do with."""
    proposed = case.proposal is not None and case.proposal.mediator_id == command.by.id
    concerned = proposed or sits(case, command.by.id) or command.by.id in case.recused
    return command.by.id == command.mediator_id and concerned


def sits(case: Case, staff_id: str) -> bool:
    """Whether this person presides or mediates beside who does."""
    return staff_id == case.mediator or any(member.mediator_id == staff_id for member in case.panel)


def _not_recused(case: Case, mediators: tuple[str, ...]) -> None:
    if set(mediators) & set(case.recused):
        raise Rejected("case.mediator_recused", "该调解员已在本案回避", field="mediator_id", status=422)


def _mediation_due(case: Case, context: Context) -> datetime:
    running = case.timers.get("mediation") or case.late.get("mediation")
    return running or context.due("mediation", context.now)


def _recused(case: Case, command: Recuse, context: Context) -> list[Event]:
    if case.status not in _WITH_MEDIATOR:
        raise wrong_status(case)
    if command.party_id is not None:
        known_party(case, command.party_id)
    presides = case.mediator == command.mediator_id
    return [
        MediatorRecused(
            mediator_id=command.mediator_id,
            party_id=command.party_id,
            reason=command.reason,
            assign_due=context.due("assign", context.now) if presides else None,
            by=command.by.id,
        )
    ]


def evolve_mediators(case: Case, event: MediatorEvent) -> Case:
    """The case after an event about who mediates it."""
    match event:
        case MediatorProposed():
            return replace(case, proposal=Proposal(event.mediator_id, event.committee, (event.party_id,)))
        case MediatorChoiceAccepted():
            wanted = case.proposal or Proposal(event.mediator_id, "", ())
            accepted = (*wanted.accepted, event.party_id)
            return replace(case, proposal=Proposal(wanted.mediator_id, wanted.committee, accepted))
        case MediatorChoiceDeclined():
            refusal = _refusal(event.mediator_id, event.party_id)
            return replace(case, proposal=None, declined=(*case.declined, refusal))
        case MediatorRecused():
            return _left(case, event)
        case MediatorAssigned():
            return _sits_down(case, event)


def _sits_down(case: Case, event: MediatorAssigned) -> Case:
    now = replace(case, mediator=event.mediator_id, committee=event.committee, panel=tuple(event.panel), proposal=None)
    if case.status is not Status.ACCEPTED:
        return now
    status = Status.IN_MEDIATION if case.sessions else Status.MEDIATOR_ASSIGNED
    if "mediation" in case.late:  # recorded once, and still late
        return replace(now, status=status, timers={}, late={"mediation": event.mediation_due})
    return replace(now, status=status, timers={"mediation": event.mediation_due}, late={})


def _left(case: Case, event: MediatorRecused) -> Case:
    gone = event.mediator_id
    proposal = None if case.proposal and case.proposal.mediator_id == gone else case.proposal
    panel = tuple(member for member in case.panel if member.mediator_id != gone)
    after = replace(case, recused=(*case.recused, gone), proposal=proposal, panel=panel)
    if event.assign_due is None:
        return after
    timers = {**case.timers, "assign": event.assign_due}
    return replace(after, status=Status.ACCEPTED, mediator=None, committee=None, timers=timers)


def _refusal(mediator_id: str, party_id: str) -> str:
    return f"{mediator_id}/{party_id}"

"""How the events of a petition 信访代办 fold, and which timers run."""

from datetime import datetime

from contracts import mediation_petitions as happened
from contracts.event import Event
from contracts.frozen import replace
from services.mediation.petition_model import FourFirsts, Petition, Stage, Status


def evolve(petition: Petition, event: Event) -> Petition:
    """The petition after ``event``. An event that begins a step replaces the timers of the step before."""
    match event:
        case happened.PetitionRequested():
            requested = replace(
                petition,
                status=Status.REQUESTED,
                issue_id=event.issue_id,
                order_id=event.order_id,
                case_id=event.case_id,
                code=event.petition_code,
                origin=event.origin,
                appeals=tuple(event.appeals),
                firsts=FourFirsts(asked=event.by),
            )
            return _waiting(requested, authorise=event.authorise_due)
        case happened.PetitionAuthorised():
            authorised = replace(
                petition,
                status=Status.AUTHORISED,
                authorisation_id=event.authorisation_id,
                petitioners=event.petitioners,
                representatives=event.representatives,
                firsts=_firsts(petition, received=event.by),
                since=event.signed_at,
            )
            return _waiting(authorised, register=event.register_due)
        case happened.PetitionGuidedAway():
            return _waiting(replace(petition, status=Status.GUIDED, reason=event.reason))
        case happened.PetitionRegistered():
            return _waiting(replace(petition, status=Status.REGISTERED), assign=event.assign_due)
        case happened.PetitionAssigned():
            return _assigned(petition, event)
        case happened.PetitionResolvedLocally():
            resolved = replace(petition, status=Status.RESOLVED_LOCALLY, result_id=event.result_id)
            return _waiting(resolved, feedback=event.feedback_due)
        case happened.PetitionSubmitted():
            submitted = replace(petition, status=Status.SUBMITTED, office=event.office, since=event.submitted_at)
            return _waiting(submitted, route=event.route_due)
        case happened.PetitionTextsShown():
            return replace(petition, shown=event.reveal_id)
        case happened.PetitionFeedbackGiven():
            told = replace(petition, status=Status.FEEDBACK, feedback_id=event.feedback_id)
            return _waiting(told, revisit=event.revisit_due)
        case happened.PetitionRevisited():
            revisited = replace(petition, status=Status.REVISITED, accepts=event.accepts)
            return _waiting(revisited, archive=event.archive_due)
        case happened.PetitionArchived():
            return _waiting(replace(petition, status=Status.ARCHIVED))
        case happened.PetitionWithdrawn():
            return _waiting(replace(petition, status=Status.WITHDRAWN, reason=event.reason))
        case happened.PetitionStepOverdue():
            late = {**petition.late, event.step: event.due_at}
            return replace(petition, timers=_without(petition, event.step), late=late)
        case _:
            return _at_authority(petition, event)


def _at_authority(petition: Petition, event: Event) -> Petition:
    match event:
        case happened.PetitionRouted():
            released = (*petition.released, *([petition.authority] if petition.authority else []))
            routed = replace(
                petition,
                status=Status.ROUTED,
                authority=event.authority,
                objection_until=event.objection_until,
                objection_id=None,
                released=released,
                since=event.routed_at,
            )
            return _waiting(routed, acceptance=event.acceptance_due)
        case happened.PetitionCompetenceObjected():
            objections = (*petition.objections, event.objection_id)
            timers = {**petition.timers, "objection_ruling": event.ruling_due}
            return replace(petition, objection_id=event.objection_id, objections=objections, timers=timers)
        case happened.PetitionObjectionRejected():
            late = {step: due for step, due in petition.late.items() if step != "objection_ruling"}
            timers = _without(petition, "objection_ruling")
            return replace(
                petition, objection_id=None, bound=(*petition.bound, event.authority), timers=timers, late=late
            )
        case happened.PetitionAccepted():
            accepted = replace(
                petition,
                status=Status.ACCEPTED,
                accepted_at=event.accepted_at,
                since=event.accepted_at,
                handling_due=event.handling_due,
            )
            return _waiting(accepted, handling=event.handling_due)
        case happened.PetitionNotAccepted():
            refused = replace(petition, status=Status.NOT_ACCEPTED, reason=event.reason)
            return _waiting(refused, feedback=event.feedback_due)
        case happened.PetitionHandlingBegan():
            return replace(petition, status=Status.HANDLING)
        case happened.PetitionExtended():
            extended = replace(petition, extension_id=event.extension_id, handling_due=event.handling_due)
            return _waiting(extended, handling=event.handling_due)
        case _:
            return _answered(petition, event)


def _answered(petition: Petition, event: Event) -> Petition:
    match event:
        case happened.PetitionOpinionIssued():
            return _opinion(petition, event, Stage.OPINION, event.review_until)
        case happened.PetitionReviewRequested():
            return _asked(petition, event, Status.REVIEW, review=event.review_due)
        case happened.PetitionReviewAnswered():
            return _opinion(petition, event, Stage.REVIEW, event.recheck_until)
        case happened.PetitionRecheckRequested():
            return _asked(petition, event, Status.RECHECK, recheck=event.recheck_due)
        case happened.PetitionRecheckAnswered():
            return _opinion(petition, event, Stage.RECHECK, None)
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a petition")


def _assigned(petition: Petition, event: happened.PetitionAssigned) -> Petition:
    handled = petition.firsts.handled or event.proxy_id
    firsts = _firsts(petition, handled=handled, responsible=event.responsible_id)
    assigned = replace(petition, proxy=event.proxy_id, firsts=firsts)
    if event.local_due is None:
        return assigned
    return _waiting(replace(assigned, status=Status.ASSIGNED), local=event.local_due)


def _opinion(
    petition: Petition,
    event: happened.PetitionOpinionIssued | happened.PetitionReviewAnswered | happened.PetitionRecheckAnswered,
    stage: Stage,
    asked_until: datetime | None,
) -> Petition:
    answered = replace(
        petition,
        status=Status.OPINION_ISSUED,
        stage=stage,
        opinions=(*petition.opinions, event.finding_id),
        outcome=event.outcome,
        asked_until=asked_until,
        since=event.delivered_at,
    )
    return _waiting(answered, feedback=event.feedback_due)


def _asked(
    petition: Petition,
    event: happened.PetitionReviewRequested | happened.PetitionRecheckRequested,
    status: Status,
    **timers: datetime,
) -> Petition:
    asked = replace(
        petition,
        status=status,
        requests=(*petition.requests, event.request_id),
        asked_authority=event.authority,
        accepts=None,
        since=event.requested_at,
    )
    return _waiting(asked, **timers)


def deadlines(petition: Petition) -> dict[str, datetime]:
    """Every timer that must be running, by step."""
    return dict(petition.timers)


def _firsts(
    petition: Petition, received: str | None = None, handled: str | None = None, responsible: str | None = None
) -> FourFirsts:
    before = petition.firsts
    return FourFirsts(
        before.asked, received or before.received, handled or before.handled, responsible or before.responsible
    )


def _without(petition: Petition, step: str) -> dict[str, datetime]:
    return {name: due for name, due in petition.timers.items() if name != step}


def _waiting(petition: Petition, **timers: datetime) -> Petition:
    return replace(petition, timers=timers, late={})

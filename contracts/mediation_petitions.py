"""What mediation 化解 publishes of petitions: topic ``mediation.petitions``.

Articles are those of 信访工作条例 (2022). Names, the authorisation and every text stay in the service; events hold ids.
"""

from typing import ClassVar

from pydantic import Field

from contracts.codes import Code, Id, StaffId, Time, UnitCode
from contracts.event import Event


class PetitionRequested(Event):
    """申请代办: somebody wants a proxy to carry their petition; nothing is done before they have signed for it."""

    type: ClassVar[str] = "qingcheng.mediation.petition.requested.v1"
    issue_id: Id
    order_id: Id | None = Field(description="The order that waits for it; null: it came another way.")
    case_id: Id | None = Field(description="The failed mediation that it goes on from.")
    petition_code: Code = Field(description="The code that finds it in every office")
    origin: Code = Field(description="order | case | walk_in")
    appeals: list[Id]
    authorise_due: Time
    by: StaffId | None = Field(description="首问: who was asked first; null: nobody of the centre.")


class PetitionAuthorised(Event):
    """签署委托: whom the proxy stands for; a petition of several people has at most five representatives [20]."""

    type: ClassVar[str] = "qingcheng.mediation.petition.authorised.v1"
    authorisation_id: Id
    signed_at: Time
    petitioners: int = Field(ge=1)
    representatives: int = Field(ge=0)
    register_due: Time
    by: StaffId = Field(description="首接: who received it first.")


class PetitionGuidedAway(Event):
    """引导其他途径: the law has another way for it [31], or none is left [19, 36]; it is not taken."""

    type: ClassVar[str] = "qingcheng.mediation.petition.guided_away.v1"
    order_id: Id | None
    reason: Code = Field(
        description="litigation | arbitration | administrative_review | administrative_procedure | legally_settled | "
        "discipline | already_in_hand | final_recheck"
    )
    to: Code = Field(
        description="court | arbitration_commission | review_authority | competent_authority | political_legal_affairs "
        "| discipline_inspection | authority_in_hand | explained"
    )
    unit: UnitCode | None = Field(default=None, description="Which office that is, if the centre knows it.")
    appeals: list[Id]
    by: StaffId


class PetitionRegistered(Event):
    """登记 [22]: the centre carries it from now on."""

    type: ClassVar[str] = "qingcheng.mediation.petition.registered.v1"
    order_id: Id | None
    assign_due: Time
    by: StaffId


class PetitionAssigned(Event):
    """指定代办员; a later one replaces the proxy and moves no limit."""

    type: ClassVar[str] = "qingcheng.mediation.petition.assigned.v1"
    proxy_id: StaffId = Field(description="首办 if it is the first proxy.")
    responsible_id: StaffId = Field(description="首责: who answers for it to its end.")
    local_due: Time | None = Field(description="Until when it is tried where it arose; null: a replacement.")
    by: StaffId


class PetitionResolvedLocally(Event):
    """就地化解 [27]: settled where it arose; nothing is submitted."""

    type: ClassVar[str] = "qingcheng.mediation.petition.resolved_locally.v1"
    order_id: Id | None
    result_id: Id
    feedback_due: Time
    by: StaffId


class PetitionSubmitted(Event):
    """代为提交 to the petition office 信访部门, which routes it within 15 days [22]."""

    type: ClassVar[str] = "qingcheng.mediation.petition.submitted.v1"
    office: UnitCode
    submitted_at: Time
    route_due: Time
    by: StaffId


class PetitionRouted(Event):
    """转送、交办 to the authority that is competent [22]; it has 5 working days to object and 15 days to tell [23]."""

    type: ClassVar[str] = "qingcheng.mediation.petition.routed.v1"
    authority: UnitCode
    routed_at: Time
    in_time: bool
    objection_until: Time
    acceptance_due: Time
    objection_id: Id | None = Field(description="The objection that was upheld: another authority has it now.")
    by: StaffId


class PetitionCompetenceObjected(Event):
    """提出管辖异议 by the authority, with reasons that stay in the service [23]."""

    type: ClassVar[str] = "qingcheng.mediation.petition.competence_objected.v1"
    objection_id: Id
    authority: UnitCode
    ruling_due: Time
    by: StaffId


class PetitionObjectionRejected(Event):
    """异议不成立: the authority stays competent [23, 24]."""

    type: ClassVar[str] = "qingcheng.mediation.petition.objection_rejected.v1"
    objection_id: Id
    authority: UnitCode
    by: StaffId


class PetitionAccepted(Event):
    """受理告知 in writing [23]; 60 days run from here [34], and the order's clock stands still."""

    type: ClassVar[str] = "qingcheng.mediation.petition.accepted.v1"
    order_id: Id | None
    authority: UnitCode
    accepted_at: Time
    in_time: bool
    handling_due: Time
    appeals: list[Id]
    by: StaffId


class PetitionNotAccepted(Event):
    """不予受理告知 [19, 23, 31]: the reason and where to turn are told."""

    type: ClassVar[str] = "qingcheng.mediation.petition.not_accepted.v1"
    order_id: Id | None
    authority: UnitCode
    reason: Code = Field(
        description="litigation | arbitration | administrative_review | administrative_procedure | legally_settled | "
        "discipline | already_in_hand | final_recheck"
    )
    to: Code
    feedback_due: Time
    appeals: list[Id]
    by: StaffId


class PetitionHandlingBegan(Event):
    """开始办理 [31 (6)]: the authority has heard the petitioner."""

    type: ClassVar[str] = "qingcheng.mediation.petition.handling_began.v1"
    by: StaffId


class PetitionExtended(Event):
    """延长办理期限 by at most 30 days, approved by the authority's head; the petitioner is told why [34]."""

    type: ClassVar[str] = "qingcheng.mediation.petition.extended.v1"
    handling_due: Time
    extension_id: Id
    reason: Code = Field(description="complex | hearing | several_authorities | investigation")
    approved_by: StaffId
    appeals: list[Id]
    by: StaffId


class PetitionOpinionIssued(Event):
    """出具信访处理意见书 [31, 32]; the document and its reference stay in the service."""

    type: ClassVar[str] = "qingcheng.mediation.petition.opinion_issued.v1"
    order_id: Id | None
    authority: UnitCode
    finding_id: Id
    outcome: Code = Field(description="supported | explained | not_supported")
    in_time: bool
    delivered_at: Time
    review_until: Time = Field(description="Last instant to ask for a review [35]")
    feedback_due: Time
    appeals: list[Id]
    by: StaffId


class PetitionReviewRequested(Event):
    """请求复查 by the next higher authority, within 30 days of the opinion [35]."""

    type: ClassVar[str] = "qingcheng.mediation.petition.review_requested.v1"
    request_id: Id
    authority: UnitCode
    requested_at: Time
    review_due: Time
    by: StaffId


class PetitionReviewAnswered(Event):
    """复查意见 [35]."""

    type: ClassVar[str] = "qingcheng.mediation.petition.review_answered.v1"
    authority: UnitCode
    finding_id: Id
    outcome: Code = Field(description="upheld | changed")
    in_time: bool
    delivered_at: Time
    recheck_until: Time = Field(description="Last instant to ask for a recheck [36]")
    feedback_due: Time
    appeals: list[Id]
    by: StaffId


class PetitionRecheckRequested(Event):
    """请求复核 by the authority above the reviewing one, within 30 days [36]."""

    type: ClassVar[str] = "qingcheng.mediation.petition.recheck_requested.v1"
    request_id: Id
    authority: UnitCode
    requested_at: Time
    recheck_due: Time
    by: StaffId


class PetitionRecheckAnswered(Event):
    """复核意见, final: the same matter is not taken again [36]."""

    type: ClassVar[str] = "qingcheng.mediation.petition.recheck_answered.v1"
    authority: UnitCode
    finding_id: Id
    outcome: Code = Field(description="upheld | changed")
    in_time: bool
    delivered_at: Time
    feedback_due: Time
    appeals: list[Id]
    by: StaffId


class PetitionFeedbackGiven(Event):
    """反馈: the proxy has told the citizen what has come of it."""

    type: ClassVar[str] = "qingcheng.mediation.petition.feedback_given.v1"
    feedback_id: Id
    revisit_due: Time
    by: StaffId


class PetitionRevisited(Event):
    """回访 by somebody else than the proxy: whether the citizen accepts what came of it."""

    type: ClassVar[str] = "qingcheng.mediation.petition.revisited.v1"
    accepts: bool
    archive_due: Time = Field(description="When it is archived by itself: not before nothing can be asked any more.")
    by: StaffId


class PetitionArchived(Event):
    """归档."""

    type: ClassVar[str] = "qingcheng.mediation.petition.archived.v1"
    automatic: bool
    by: StaffId | None


class PetitionWithdrawn(Event):
    """撤回: the citizen took back the petition or the authorisation, or the order ended."""

    type: ClassVar[str] = "qingcheng.mediation.petition.withdrawn.v1"
    order_id: Id | None
    reason: Code = Field(description="petition_withdrawn | authorisation_withdrawn | order_cancelled")
    by: StaffId | None


class PetitionTextsShown(Event):
    """查看代办材料: names, authorisation and texts were shown to somebody, for a reason."""

    type: ClassVar[str] = "qingcheng.mediation.petition.texts_shown.v1"
    reveal_id: Id
    purpose: Code = Field(description="handling | review | supervision")
    by: StaffId


class PetitionStepOverdue(Event):
    """代办环节逾期: the step's limit has passed; the centre's supervisor sees it."""

    type: ClassVar[str] = "qingcheng.mediation.petition.step_overdue.v1"
    step: Code = Field(
        description="authorise | register | assign | local | route | objection_ruling | acceptance | handling | review "
        "| recheck | feedback | revisit"
    )
    due_at: Time


PETITION_EVENTS: tuple[type[Event], ...] = (
    PetitionRequested,
    PetitionAuthorised,
    PetitionGuidedAway,
    PetitionRegistered,
    PetitionAssigned,
    PetitionResolvedLocally,
    PetitionSubmitted,
    PetitionRouted,
    PetitionCompetenceObjected,
    PetitionObjectionRejected,
    PetitionAccepted,
    PetitionNotAccepted,
    PetitionHandlingBegan,
    PetitionExtended,
    PetitionOpinionIssued,
    PetitionReviewRequested,
    PetitionReviewAnswered,
    PetitionRecheckRequested,
    PetitionRecheckAnswered,
    PetitionFeedbackGiven,
    PetitionRevisited,
    PetitionArchived,
    PetitionWithdrawn,
    PetitionTextsShown,
    PetitionStepOverdue,
)

"""Routes of 交综治中心: what came to the centre's door opens a case there and no order. Rules: ``issue_centre.py``."""

from typing import Annotated

from fastapi import APIRouter

from chassis.errors import Invalid, problems
from chassis.http_commands import Commands
from chassis.ids import derived_beside
from chassis.security import Actor, actor_with
from contracts.codes import CaseOrigin, Channel, Id
from contracts.rejected import Rejected
from services.intake import survivors
from services.intake.aggregates import Issues
from services.intake.api_answers import IssueAnswer, facts
from services.intake.api_bodies import CentreBody, RegisterBody
from services.intake.issue_centre import HandToCentre
from services.intake.issue_model import Centre

CLERK = "centre_clerk"
Handing = Annotated[Actor, actor_with("agent", CLERK)]


def check(body: RegisterBody, actor: Actor) -> None:
    """Raises ``issue.clerk_of_centre``, ``issue.centre_of_other_channel`` or ``issue.centre_referral``."""
    ours = body.channel is Channel.MEDIATION_CENTRE
    if not ours and actor.roles <= {CLERK, "mediator"}:
        raise Rejected("issue.clerk_of_centre", "综治中心窗口只登记本中心的事项", field="channel", status=403)
    if not ours and body.centre is not None:
        code = "issue.centre_of_other_channel"
        raise Invalid("centre", code, "只有渠道为 mediation_centre 的事项才写明来源", code=code)
    if body.centre is not None:
        check_referral(body.centre, "centre.referred_by")


def check_referral(centre: CentreBody, field: str) -> None:
    """Raises ``issue.centre_referral``: who walks in was sent by nobody, a court or an office says which it is."""
    sent = centre.origin not in (CaseOrigin.WALK_IN, CaseOrigin.GRID)
    named = centre.referred_by is not None
    if centre.origin is CaseOrigin.ORDER or (sent and not named) or (named and centre.origin is CaseOrigin.WALK_IN):
        code = "issue.centre_referral"
        message = "委派、移送的须写明单位，来访的不写；工单由承办单位转来"
        raise Invalid(field, code, message, code=code)


def centre_of(issue_id: str, body: RegisterBody) -> Centre | None:
    """The case that the matter becomes; None for every other channel."""
    return _centre(issue_id, body.centre or CentreBody()) if body.channel is Channel.MEDIATION_CENTRE else None


def _centre(issue_id: str, body: CentreBody) -> Centre:
    return Centre(derived_beside(issue_id, "case"), body.origin, body.referred_by)


def centre_routes(issues: Issues) -> APIRouter:
    """One route: whatever else comes to the centre is registered as such."""
    router = APIRouter(prefix="/v1/issues", tags=["issues"])

    @router.post("/{issue_id}/hand-to-centre", summary="交综治中心", responses=problems(404, 409, 412))
    async def hand_to_centre(issue_id: Id, body: CentreBody, actor: Handing, commands: Commands) -> IssueAnswer:
        """What was held at registration for a danger that there is not goes on to the centre."""
        check_referral(body, "referred_by")
        command = HandToCentre(_centre(issue_id, body), actor.id)
        written = await survivors.execute(commands, issues, issue_id, command)
        return IssueAnswer(**facts(written.id, written.version, written.state))

    return router

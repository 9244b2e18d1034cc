"""``python -m services.mediation serve | migrate``: the only place where this service's parts are put together."""

from pathlib import Path

from chassis.api_claims import claim_routes
from chassis.cli import main
from chassis.errors import document
from chassis.limits import load_limits
from chassis.service import Parts, Runtime, Service
from services.mediation import api_reading
from services.mediation.aggregates import cases, petitions
from services.mediation.api_agreement import AgreementRoutes
from services.mediation.api_course import CourseRoutes
from services.mediation.api_documents import DocumentRoutes
from services.mediation.api_mediation import MediationRoutes
from services.mediation.api_mediators import ChoiceRoutes, mediator_routes
from services.mediation.api_parties import PartyRoutes
from services.mediation.api_people import PeopleRoutes
from services.mediation.api_petition_queues import petition_queue_routes
from services.mediation.api_petition_reading import petition_reading
from services.mediation.api_petition_steps import AuthorityRoutes
from services.mediation.api_petitions import CentreRoutes
from services.mediation.api_prestage import PrestageRoutes
from services.mediation.api_queues import queue_routes
from services.mediation.api_staff import SUPERVISOR
from services.mediation.api_statistics import StatisticsRoutes
from services.mediation.mediators import MEDIATOR_PROBLEMS
from services.mediation.petition_problems import PETITION_PROBLEMS
from services.mediation.petition_reactions import petition_reactions
from services.mediation.problems import CASE_PROBLEMS
from services.mediation.queues import STAFF
from services.mediation.reactions import reactions
from services.mediation.settings import MediationSettings

HERE = Path(__file__).parent


async def build(runtime: Runtime[MediationSettings]) -> Parts:
    """Limits, then the aggregates measured by them, then what brings them commands."""
    limits = load_limits(HERE / "limits.toml", runtime.settings.limits_file)
    case, petition = cases(limits), petitions(limits)
    document(CASE_PROBLEMS | MEDIATOR_PROBLEMS | PETITION_PROBLEMS)
    return Parts(
        aggregates=[case, petition],
        reactions=petition_reactions(petition, reactions(case)),
        routers=[
            api_reading.router,
            *(routes(case).router for routes in (MediationRoutes, PrestageRoutes, PartyRoutes, ChoiceRoutes)),
            *(routes(case).router for routes in (AgreementRoutes, CourseRoutes)),
            PeopleRoutes(case).router,
            DocumentRoutes(case).router,
            mediator_routes(),
            queue_routes(case, limits),
            claim_routes(limits, STAFF, frozenset({SUPERVISOR})),
            StatisticsRoutes(limits.count("smallest_cell")).router,
            petition_reading(petition),
            petition_queue_routes(petition, limits),
            CentreRoutes(petition).router,
            AuthorityRoutes(petition).router,
        ],
    )


SERVICE = Service(
    name="mediation",
    title="化解",
    settings=MediationSettings,
    topics=["intake.issues", "router.orders", "mediation.cases"],
    build=build,
    revisions=HERE / "migrations",
)

if __name__ == "__main__":
    main(SERVICE)

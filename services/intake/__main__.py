"""Intake 受理 as a process: the only place where its parts are put together."""

from pathlib import Path

import typer

from chassis.api_claims import claim_routes
from chassis.cli import database_url, main
from chassis.errors import document
from chassis.health import CheckResult
from chassis.limits import load_limits
from chassis.reference import ReferenceCache
from chassis.reference_command import add_load_reference
from chassis.service import Parts, Runtime, Service
from services.intake import reference_tables
from services.intake.aggregates import callers, issues
from services.intake.api_callers import CallerRoutes
from services.intake.api_centre import centre_routes
from services.intake.api_commands import IssueCommands
from services.intake.api_contacts import contact_routes
from services.intake.api_merging import IssueMerging
from services.intake.api_open311 import Open311Routes
from services.intake.api_queues import queue_routes
from services.intake.api_reading import IssueReading
from services.intake.api_reference import ReferenceReading
from services.intake.api_suggestions import IssueSuggestions
from services.intake.api_turns import IssueTurns
from services.intake.classify.command import add_classify
from services.intake.classify.model import FILE as MODEL_FILE
from services.intake.classify.model import Model
from services.intake.corrections import add_export_corrections
from services.intake.problems import PROBLEMS
from services.intake.queues import STAFF
from services.intake.reactions import reactions
from services.intake.reference_checks import Reference
from services.intake.registering import Registering
from services.intake.settings import IntakeSettings
from services.intake.suggesting import Suggesting

HERE = Path(__file__).parent


async def build(runtime: Runtime[IntakeSettings]) -> Parts:
    """The parts of intake; raises what a bad limits file or bad reference data raises."""
    settings = runtime.settings
    document(PROBLEMS)
    limits = load_limits(HERE / "limits.toml", settings.limits_file)
    aggregate, lists = issues(limits), callers(limits)
    pseudonym_key = settings.pseudonym_key.get_secret_value()
    cache = ReferenceCache(runtime.pool, reference_tables.build)
    await cache.refresh()
    reference = Reference(lambda: cache.current)
    suggesting = Suggesting(reference, Model.load(settings.model_file or MODEL_FILE), limits, settings.auto_accept)
    registering = Registering(aggregate, suggesting, runtime.pool, pseudonym_key)

    async def reference_loaded() -> CheckResult:
        return CheckResult(cache.version is not None, {"version": cache.version})

    return Parts(
        aggregates=[aggregate, lists],
        reactions=reactions(aggregate),
        routers=[
            IssueCommands(aggregate, reference, suggesting, registering, pseudonym_key).router,
            CallerRoutes(lists, pseudonym_key).router,
            IssueTurns(aggregate, reference).router,
            IssueMerging(aggregate, reference).router,
            centre_routes(aggregate),
            IssueReading(aggregate, reference).router,
            contact_routes(aggregate),
            IssueSuggestions(suggesting, reference).router,
            ReferenceReading(reference).router,
            Open311Routes(registering, reference, settings).router,
            queue_routes(aggregate, limits),
            claim_routes(limits, STAFF, frozenset({"supervisor"})),
        ],
        tasks={"reference": cache.run},
        checks={"reference": reference_loaded},
        journal=True,
    )


def commands(app: typer.Typer) -> None:
    """``load-reference``, ``classify`` and ``export-corrections``."""
    add_load_reference(app, database_url, reference_tables.DIRECTORY, reference_tables.read, reference_tables.build)
    add_classify(app)
    add_export_corrections(app)


SERVICE = Service(
    name="intake",
    title="受理",
    settings=IntakeSettings,
    topics=[
        "router.orders",
        "router.whistles",
        "mediation.cases",
        "mediation.petitions",
        "notify.revisits",
        "notify.deliveries",
    ],
    build=build,
    revisions=HERE / "migrations",
    commands=commands,
)

if __name__ == "__main__":
    main(SERVICE)

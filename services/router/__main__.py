"""``python -m services.router serve | migrate | …``: the only place where its parts are put together."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog
import typer

from chassis import calendar_history
from chassis.api_claims import claim_routes
from chassis.calendar_check import check_calendar
from chassis.cli import database_url, main
from chassis.errors import document
from chassis.limits import Limits, load_limits
from chassis.reference import ReferenceCache
from chassis.reference_command import add_load_reference
from chassis.service import Parts, Runtime, Service
from services.router import reference_tables
from services.router.aggregates import orders, whistles
from services.router.api_bulk_dispatch import bulk_dispatch
from services.router.api_context import PROBLEMS, Reference
from services.router.api_deputies import deputy_routes
from services.router.api_order_commands import order_commands
from services.router.api_order_rates import order_rates, rates_formula
from services.router.api_order_reading import order_reading
from services.router.api_order_requests import order_requests
from services.router.api_order_turns import order_turns
from services.router.api_order_why import order_why
from services.router.api_queues import queue_routes
from services.router.api_reference import reference_routes
from services.router.api_reply_templates import reply_template_routes
from services.router.api_whistle_commands import department_commands, draft_commands, judging_commands
from services.router.api_whistles import whistle_reading
from services.router.fingerprints import Fingerprints
from services.router.petition_reactions import petition_reactions
from services.router.queues import STAFF
from services.router.reactions import reactions
from services.router.recompute import add_recompute_limits
from services.router.reference_data import RouterReference
from services.router.rehearse import add_rehearse
from services.router.reply_templates import ReplyTemplates
from services.router.settings import RouterSettings
from services.router.succession import Succession
from services.router.whistle_endings import WhistleEndings

HERE = Path(__file__).parent
log = structlog.get_logger()


async def build(runtime: Runtime[RouterSettings]) -> Parts:
    """Limits and reference data, then the aggregates measured by them, then what brings them commands."""
    began, limits = datetime.now(UTC), _limits(runtime.settings)
    work_orders, blown = orders(limits), whistles(limits)
    cache = ReferenceCache(runtime.pool, reference_tables.build)
    await _first(cache)
    reference = Reference(lambda: cache.current, limits.calendar)
    own_texts = runtime.settings.reply_templates_file or HERE / "reply_templates.toml"
    templates = ReplyTemplates.load(own_texts, limits.calendar.zone)
    document(PROBLEMS)
    # The first key: keys that encrypted once stay listed, so that what was written is found again after a rotation.
    fingerprints = Fingerprints(next(iter(runtime.settings.vault_keys().values())), limits.count("result_characters"))
    endings = WhistleEndings(runtime.pool, runtime.pipeline, blown, runtime.settings.sweep_seconds)
    return Parts(
        aggregates=[work_orders, blown],
        reactions={**reactions(work_orders, lambda: cache.current), **petition_reactions(work_orders)},
        routers=[
            order_reading(work_orders, reference),
            order_why(work_orders, reference),
            order_rates(work_orders, reference, rates_formula(limits)),
            order_commands(work_orders, blown, reference, fingerprints, templates),
            order_requests(work_orders, reference),
            order_turns(work_orders, reference),
            whistle_reading(blown, reference),
            draft_commands(work_orders, blown, reference),
            department_commands(blown, reference),
            judging_commands(blown, reference),
            reference_routes(reference),
            bulk_dispatch(work_orders, reference, limits),
            deputy_routes(reference, limits),
            reply_template_routes(work_orders, reference, templates),
            queue_routes(work_orders, blown, reference, limits),
            claim_routes(limits, STAFF, frozenset({"supervisor"})),
        ],
        tasks={
            "reference": cache.run,
            "succession": Succession(runtime.pool, runtime.pipeline, work_orders, blown, lambda: cache.current).run,
            "whistle_endings": endings.run,
            "calendar": partial(calendar_history.keep, runtime.pool, limits.calendar, began),
        },
        checks={"calendar": partial(check_calendar, limits.calendar)},
    )


def _limits(settings: RouterSettings, instead: Path | None = None) -> Limits:
    return load_limits(HERE / "limits.toml", instead or settings.limits_file)


async def _first(cache: ReferenceCache[RouterReference]) -> None:
    """Wait until reference data is in force: without it an accepted issue cannot be dispatched, only mislaid."""
    while not await cache.refresh():
        log.warning("reference.waited_for")
        await asyncio.sleep(1)


def _commands(app: typer.Typer) -> None:
    add_load_reference(app, database_url, reference_tables.DIRECTORY, reference_tables.read, reference_tables.build)
    add_recompute_limits(app, lambda: SERVICE, _limits)
    add_rehearse(app, lambda: SERVICE, _limits)


SERVICE = Service(
    name="router",
    title="派单督办",
    settings=RouterSettings,
    topics=["intake.issues", "router.whistles", "mediation.cases", "mediation.petitions", "notify.revisits"],
    build=build,
    revisions=HERE / "migrations",
    commands=_commands,
)

if __name__ == "__main__":
    main(SERVICE)

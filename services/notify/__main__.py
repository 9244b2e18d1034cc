"""``python -m services.notify serve | migrate``: the only place where this service's parts are put together."""

from pathlib import Path

from chassis.cli import main
from chassis.limits import load_limits
from chassis.service import Parts, Runtime, Service
from services.notify.aggregates import revisits
from services.notify.api_deliveries import delivery_routes
from services.notify.api_revisits import revisit_routes
from services.notify.delivery_aggregates import deliveries, recipients
from services.notify.outside import Contacts, SmsGateway
from services.notify.petition_messages import petition_messages
from services.notify.reactions import reactions
from services.notify.sender import Sender
from services.notify.settings import NotifySettings
from services.notify.templates import Templates

HERE = Path(__file__).parent


async def build(runtime: Runtime[NotifySettings]) -> Parts:
    """Limits and texts, then the aggregates measured by them, then what brings them commands."""
    settings = runtime.settings
    limits = load_limits(HERE / "limits.toml", settings.limits_file)
    templates = Templates.load(HERE / "templates.toml", limits.calendar.zone)
    call_backs, messages, people = revisits(limits), deliveries(limits), recipients(limits)
    sender = Sender(
        runtime.pool,
        runtime.pipeline,
        messages,
        people,
        templates,
        Contacts(runtime.http, runtime.tokens, settings.intake_url, settings.call_timeout_seconds),
        SmsGateway(runtime.http, settings.sms_gateway_url, settings.call_timeout_seconds),
        pseudonym_key=settings.pseudonym_key.get_secret_value(),
        concurrency=settings.sender_concurrency,
        idle=settings.sender_idle_seconds,
    )
    return Parts(
        aggregates=[call_backs, messages, people],
        reactions={**reactions(call_backs, messages, templates), **petition_messages(messages, templates)},
        routers=[revisit_routes(call_backs), delivery_routes(messages)],
        tasks={"sender": sender.run},
    )


SERVICE = Service(
    name="notify",
    title="回访",
    settings=NotifySettings,
    topics=["intake.issues", "router.orders", "mediation.petitions"],
    build=build,
    revisions=HERE / "migrations",
)

if __name__ == "__main__":
    main(SERVICE)

"""``python -m services.notify serve | migrate``: the only place where this service's parts are put together."""

from functools import partial
from pathlib import Path

from fastapi import APIRouter
from pydantic import SecretBytes

from chassis.api_claims import claim_routes
from chassis.busy_http_client import BusyHttpClient
from chassis.cli import main
from chassis.database import Secrets
from chassis.limits import Limits, load_limits
from chassis.service import Parts, Runtime, Service
from services.notify.aggregates import Revisits, call_hours, callback_pace, plain, revisits, subscriptions
from services.notify.api_deliveries import delivery_routes
from services.notify.api_delivery_actions import delivery_action_routes
from services.notify.api_queues import queue_routes
from services.notify.api_receipts import receipt_routes
from services.notify.api_revisits import revisit_routes
from services.notify.api_subscriptions import Desk, subscription_routes
from services.notify.api_survey import Survey
from services.notify.api_templates import template_routes
from services.notify.api_undelivered import undelivered_routes
from services.notify.case_messages import case_messages
from services.notify.contacts import Channel, Contacts
from services.notify.delivery_aggregates import deliveries, recipients
from services.notify.gateway import Gateway, HttpGateway
from services.notify.item_names import ItemNames
from services.notify.mail import Mail, MailServer
from services.notify.partner_messages import partner_messages
from services.notify.petition_messages import petition_messages
from services.notify.queues import STAFF, queues
from services.notify.reactions import reactions
from services.notify.sender import Sender
from services.notify.settings import NotifySettings
from services.notify.subscription_ping import Ping
from services.notify.survey_links import Guesses, SurveyLinks
from services.notify.templates import Templates
from services.notify.webhook_target import Where
from services.notify.webhooks import Settings, Webhooks

HERE = Path(__file__).parent


async def build(runtime: Runtime[NotifySettings]) -> Parts:
    """Limits and texts, then the aggregates measured by them, then what brings them commands."""
    settings = runtime.settings
    limits = load_limits(HERE / "limits.toml", settings.limits_file)
    templates = Templates.load(HERE / "templates.toml", limits.calendar.zone)
    links = None
    if settings.survey_url is not None:
        # The first key: keys that encrypted once stay listed, so that a repeated attempt says the same for ever.
        key = next(iter(settings.vault_keys().values()))
        links = SurveyLinks(runtime.pool, settings.survey_url, key, partial(limits.due, "survey_link"))
    call_backs, messages, people = revisits(limits), deliveries(limits), recipients(limits)
    sender = Sender(
        runtime.pool,
        runtime.pipeline,
        messages,
        people,
        templates,
        Contacts(
            runtime.http,
            runtime.tokens,
            settings.intake_url,
            settings.mediation_url,
            settings.call_timeout_seconds,
            by_mail=settings.smtp_host is not None,
        ),
        gateways(runtime),
        Secrets(runtime.pool, runtime.vault),
        links,
        pseudonym_key=settings.pseudonym_key.get_secret_value(),
        concurrency=settings.sender_concurrency,
        idle=settings.sender_idle_seconds,
    )
    subscribed = subscriptions(limits)
    where = Where(settings.callback_ports, settings.callback_local_networks)
    webhooks = Webhooks(
        settings.database_url.get_secret_value(),
        runtime.pool,
        Secrets(runtime.pool, runtime.vault),
        runtime.pipeline,
        subscribed,
        settings.kafka_bootstrap_servers,
        settings.topic_prefix,
        Settings(
            where,
            settings.callback_timeout_seconds,
            settings.callback_concurrency,
            settings.callback_idle_seconds,
            callback_pace(limits),
            limits.count("callback_waiting"),
            plain(limits["callback_log"]),
        ),
    )
    partners = Desk(
        subscribed,
        where,
        limits.count("subscriptions_per_partner"),
        Ping(where, settings.callback_timeout_seconds),
        by_mail=settings.smtp_host is not None,
    )
    return Parts(
        aggregates=[call_backs, messages, people, subscribed],
        reactions={
            **reactions(call_backs, messages, templates, limits.ratio("answer_sample"), survey=links is not None),
            **petition_messages(messages, templates),
            **case_messages(messages, templates),
            **partner_messages(messages, templates),
        },
        routers=[
            revisit_routes(call_backs),
            delivery_routes(messages),
            delivery_action_routes(messages, by_mail=settings.smtp_host is not None),
            receipt_routes(messages, receipt_secrets(settings)),
            template_routes(templates),
            undelivered_routes(messages, limits),
            queue_routes(call_backs, queues(call_hours(limits)), limits),
            claim_routes(limits, STAFF | {"agent", "centre_clerk", "admin"}, frozenset({"supervisor"})),
            *([survey_page(runtime, limits, call_backs, links)] if links else []),
            subscription_routes(partners),
        ],
        tasks={"sender": sender.run, "webhooks": webhooks.run},
    )


def gateways(runtime: Runtime[NotifySettings]) -> dict[Channel, Gateway]:
    """The ways out, by channel; mail where the city has a server for it."""
    settings, seconds = runtime.settings, runtime.settings.call_timeout_seconds
    secrets = receipt_secrets(settings)
    text = HttpGateway(runtime.http, settings.sms_gateway_url, secrets["sms"], seconds, receipts=settings.sms_receipts)
    if settings.smtp_host is None or settings.mail_from is None:
        return {"sms": text}
    server = MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.mail_from,
        settings.mail_subject,
        starttls=settings.smtp_tls == "starttls",
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
    )
    return {"sms": text, "mail": Mail(server, seconds, bounces=secrets["mail"] is not None)}


def receipt_secrets(settings: NotifySettings) -> dict[Channel, bytes | None]:
    """What signs between each gateway and us: of text messages both ways, of mail what is reported."""
    keys: dict[Channel, SecretBytes | None] = {
        "sms": settings.sms_gateway_secret,
        "mail": settings.mail_receipt_secret,
    }
    return {channel: key.get_secret_value() if key else None for channel, key in keys.items()}


def survey_page(
    runtime: Runtime[NotifySettings], limits: Limits, call_backs: Revisits, links: SurveyLinks
) -> APIRouter:
    """回访页面."""
    settings = runtime.settings
    window = plain(limits["survey_wrong_window"])
    return Survey(
        runtime.pool,
        runtime.pipeline,
        call_backs,
        links,
        Guesses(limits.count("survey_wrong_tokens"), window),
        ItemNames(runtime.http, runtime.tokens, settings.intake_url, settings.call_timeout_seconds),
        limits.calendar.zone,
    ).router


SERVICE = Service(
    name="notify",
    title="回访",
    settings=NotifySettings,
    topics=["intake.issues", "router.orders", "mediation.cases", "mediation.petitions", "notify.subscriptions"],
    build=build,
    revisions=HERE / "migrations",
    http=BusyHttpClient,
)

if __name__ == "__main__":
    main(SERVICE)

"""登记, whichever door an appeal came through: the lists of callers, signs of danger and the machine's proposal."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from asyncpg.pool import Pool
from prometheus_client import Histogram

from chassis.aggregate import To, Written
from chassis.asking_together import AskingTogether
from chassis.http_commands import HttpCommands
from chassis.ids import new_id
from chassis.pseudonyms import pseudonym
from contracts.codes import Agency, Channel
from services.intake import caller_views
from services.intake.aggregates import Issues
from services.intake.caller_list import Caller, desk_now
from services.intake.callers import Contact
from services.intake.issue_commands import Register
from services.intake.issue_model import Centre
from services.intake.suggesting import Suggesting

ANSWER_SECONDS = Histogram(
    "qingcheng_hotline_answer_seconds",
    "How long callers heard it ring; the city's standard of 15 s is measured, not enforced",
    buckets=(5, 10, 15, 20, 30, 60, 120, 300),
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of an appeal besides who calls and what about; see ``Register``."""

    channel: Channel
    received_at: datetime | None = None
    street_code: str | None = None
    division_code: str | None = None
    emergency: Agency | None = None
    centre: Centre | None = None
    by: str | None = None
    partner: str | None = None
    wanted_item: str | None = None
    answer_seconds: int | None = None


class Registering:
    """Shared by the doors."""

    def __init__(self, issues: Issues, suggesting: Suggesting, pool: Pool, pseudonym_key: bytes) -> None:
        self._issues = issues
        self._suggesting = suggesting
        self._pseudonym_key = pseudonym_key
        self._callers = AskingTogether(partial(caller_views.states, pool))

    async def register(self, commands: HttpCommands, issue_id: str, contact: Contact, arrival: Arrival) -> Written:
        """Take an appeal down; its words are searched for signs of danger before anything else."""
        appeal_id, appellant_id = new_id(), pseudonym(self._pseudonym_key, contact.phone)
        caller = await self._callers.about(appellant_id) or Caller()  # whoever was never on a list is an ordinary one
        desk, rule = desk_now(caller, datetime.now(UTC))
        danger = self._suggesting.danger(contact.text)
        command = Register(
            *(arrival.channel, appeal_id, appellant_id, arrival.received_at, arrival.street_code),
            emergency=arrival.emergency or danger.agency,
            desk=desk,
            desk_rule=rule,
            doubtful=danger.doubtful,
            accepted_as=self._suggesting.acceptance(contact, arrival.street_code),
            centre=arrival.centre,
            by=arrival.by,
            division_code=arrival.division_code,
            partner=arrival.partner,
            wanted_item=arrival.wanted_item,
            answer_seconds=arrival.answer_seconds,
        )
        written = await commands.execute(To(self._issues, issue_id, command, contact.to_private(appeal_id)))
        if arrival.answer_seconds is not None and not written.replayed:
            ANSWER_SECONDS.observe(arrival.answer_seconds)
        return written

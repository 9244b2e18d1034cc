"""Issues that may be about the same incident as another: a bounded look at those that came in shortly before.

Other people's count for the hours of the rule, in the same street or where the street is unknown; the same caller's of
any time. What the comparison needs of an appeal is kept in memory for a while, as numbers and pieces of words.
"""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime

from asyncpg.pool import Pool
from pydantic import TypeAdapter

from services.intake.callers import Contact
from services.intake.classify.incidents import Heard
from services.intake.issue_model import OPEN, Issue
from services.intake.suggesting import Suggesting, heard
from services.intake.views import IssueRow

_STATE = TypeAdapter(Issue)
SHORTLY_BEFORE = 60
OF_THE_SAME_CALLER = 20
REMEMBERED = 2000
"""Appeals whose comparison is remembered: about 5 KB each."""

_SHORTLY_BEFORE = """
SELECT id::text, version, state::text, updated_at FROM issues
WHERE issue_instant(state->>'received_at') BETWEEN $2::timestamptz - make_interval(hours => $3) AND $2::timestamptz
AND id <> $1::text::uuid AND state->>'status' = ANY($4::text[])
AND ($5::text IS NULL OR state->>'street_code' IS NULL OR state->>'street_code' = $5)
ORDER BY issue_instant(state->>'received_at') DESC, issues.id DESC LIMIT $6
"""
_OF_CALLERS = """
SELECT issues.id::text, version, state::text, updated_at FROM issues
WHERE issues.id <> $1::text::uuid AND state->>'status' = ANY($2::text[]) AND issues.id IN (
    SELECT id FROM events WHERE aggregate = 'issue' AND data->>'appellant_id' = ANY($3::text[])
    ORDER BY position DESC LIMIT $4
)
"""


async def before(db: Pool, issue_id: str, issue: Issue, street_code: str | None, hours: int) -> list[IssueRow]:
    """The open issues that are compared with one."""
    statuses = [status.value for status in OPEN]
    received: datetime | None = issue.received_at
    shortly = await db.fetch(_SHORTLY_BEFORE, issue_id, received, hours, statuses, street_code, SHORTLY_BEFORE)
    callers = [appeal.appellant_id for appeal in issue.present]
    theirs = await db.fetch(_OF_CALLERS, issue_id, statuses, callers, OF_THE_SAME_CALLER)
    rows = {id_: IssueRow(id_, version, _STATE.validate_json(state), at) for id_, version, state, at in shortly}
    rows |= {id_: IssueRow(id_, version, _STATE.validate_json(state), at) for id_, version, state, at in theirs}
    return list(rows.values())


class Comparing:
    """Makes appeals comparable, and remembers the last ones."""

    def __init__(self, suggesting: Suggesting) -> None:
        self._suggesting = suggesting
        self._remembered: OrderedDict[tuple[str, str | None], Heard] = OrderedDict()

    def of(self, row: IssueRow, contact: Contact) -> Heard:
        """The first appeal of an issue. Takes a millisecond or two the first time."""
        issue = row.state
        key = (issue.appeals[0].id, issue.street_code)
        if key not in self._remembered:
            if issue.received_at is None:
                raise TypeError("an issue that was registered has a time of receipt")
            said = heard(contact, issue.street_code)
            classifier = self._suggesting.classifier
            place = classifier.gazetteer.find(said.street_code, said.place, said.text)
            self._remembered[key] = Heard(
                *(row.id, issue.received_at, issue.appeals[0].appellant_id, said.text, said.place or ""),
                *(place.street_code, said.point),
                topics=classifier.model.topics(said.text),
                wording=classifier.model.wording(said.text),
            )
            while len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return self._remembered[key]


def accepted_points(rows: Sequence[IssueRow], contacts: dict[str, Contact]) -> list[tuple[tuple[float, float], str]]:
    """Where accepted issues lie whose street a person has confirmed."""
    return [
        ((contact.lat, contact.lon), row.state.street_code)
        for row in rows
        if (contact := contacts.get(row.id)) is not None
        and contact.lat is not None
        and contact.lon is not None
        and row.state.street_code is not None
        and row.state.item_code is not None
    ]

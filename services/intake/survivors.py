"""合并: what is asked of a merged issue is asked of the one that goes on, and its callers' data stays where it was."""

from collections.abc import Iterable, Mapping

from chassis.aggregate import To, Written
from chassis.database import Secrets
from chassis.http_commands import HttpCommands
from services.intake.aggregates import Issues
from services.intake.callers import Contact, private_name, supplements_prefix
from services.intake.issue_commands import Command
from services.intake.issue_model import Appeal, Issue, Merged


async def execute(
    commands: HttpCommands, issues: Issues, issue_id: str, command: Command, private: Mapping[str, str] | None = None
) -> Written:
    """Run a command, at the survivor if the issue was merged. There are no chains, so that twice is enough."""
    try:
        return await commands.execute(To(issues, issue_id, command, private or {}))
    except Merged as merged:
        return await commands.execute(To(issues, merged.into, command, private or {}))


async def contact(secrets: Secrets, issue_id: str, appeal: Appeal) -> Contact:
    """Whose appeal it is, from the issue where it was taken down. Raises LookupError if it is in neither."""
    return _contact(appeal, await secrets.read("issue", appeal.kept_in or issue_id, private_name(appeal.id)))


async def contacts(secrets: Secrets, issue_id: str, issue: Issue) -> dict[str, Contact]:
    """The contacts of everybody who is there, by appeal."""
    found: dict[str, Contact] = {}
    for place in sorted({appeal.kept_in or issue_id for appeal in issue.present}):
        texts = await secrets.read_all("issue", place, private_name(""))
        found |= {name.removeprefix(private_name("")): Contact.from_private(text) for name, text in texts.items()}
    return found


async def contacts_of(secrets: Secrets, appeals: Iterable[tuple[str, Appeal]]) -> dict[str, Contact]:
    """The contacts of appeals of several issues, each with its issue's id, by appeal; in one question.

    Those that have none are left out.
    """
    places = {appeal.id: appeal.kept_in or issue_id for issue_id, appeal in appeals}
    names = [private_name(id_) for id_ in places]
    texts = await secrets.read_many("issue", sorted(set(places.values())), *names)
    told = {id_: texts.get(place, {}).get(private_name(id_)) for id_, place in places.items()}
    return {id_: Contact.from_private(text) for id_, text in told.items() if text is not None}


async def first_contacts(secrets: Secrets, issues: Mapping[str, Issue]) -> dict[str, Contact]:
    """The contact of who came first with each issue, by issue; in one question. Those that have none are left out."""
    first = {issue_id: issue.appeals[0] for issue_id, issue in issues.items()}
    found = await contacts_of(secrets, first.items())
    return {issue_id: found[appeal.id] for issue_id, appeal in first.items() if appeal.id in found}


async def whole(secrets: Secrets, issue_id: str, issue: Issue, appeal: Appeal) -> tuple[Contact, list[str]]:
    """A caller's contact, and 补充 in order, wherever the issue was when they came: in one question.

    Raises LookupError if there is no contact.
    """
    name, prefix = private_name(appeal.id), supplements_prefix(appeal.id)
    places = {issue_id, appeal.kept_in, issue.merged_into, issue.unmerged_from} - {None}
    texts = await secrets.read_many("issue", [str(place) for place in places], name, prefix)
    added = {name: text for there in texts.values() for name, text in there.items() if name.startswith(prefix)}
    told = texts.get(appeal.kept_in or issue_id, {}).get(name)
    return _contact(appeal, told), [added[name] for name in sorted(added)]


def _contact(appeal: Appeal, text: str | None) -> Contact:
    if text is None:
        raise LookupError(f"appeal {appeal.id} has no private data")
    return Contact.from_private(text)

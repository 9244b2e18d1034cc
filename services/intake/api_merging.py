"""Routes that merge issues and part them again: both change in one transaction. Rules: ``issue_merging.py``."""

from typing import Annotated

from fastapi import APIRouter

from chassis.aggregate import To
from chassis.database import Db
from chassis.errors import Invalid, problems
from chassis.http_commands import Commands
from chassis.security import Actor, actor_with
from contracts.codes import Id
from contracts.rejected import Rejected
from services.intake import notes, views
from services.intake.aggregates import Issues
from services.intake.api_answers import IssueAnswer, facts
from services.intake.api_turn_bodies import MergeBody, UnmergeBody
from services.intake.api_turns import content_of
from services.intake.issue_commands import GiveBack, Merge, TakeOver, Unmerge
from services.intake.issue_model import Issue
from services.intake.notes import Note, NoteKind
from services.intake.reference_checks import Reference

Merger = Annotated[Actor, actor_with("agent", "supervisor")]


class IssueMerging:
    """合并, 撤销合并."""

    def __init__(self, issues: Issues, reference: Reference) -> None:
        self._issues = issues
        self._reference = reference
        self.router = APIRouter(prefix="/v1/issues", tags=["issues"])
        for path, route, summary in (
            ("/{issue_id}/merge", self.merge_issue, "合并到另一事项"),
            ("/{issue_id}/unmerge", self.unmerge_issue, "撤销合并"),
        ):
            self.router.add_api_route(path, route, methods=["POST"], summary=summary, responses=problems(404, 409, 412))

    async def merge_issue(
        self, issue_id: Id, body: MergeBody, actor: Merger, db: Db, commands: Commands
    ) -> IssueAnswer:
        """Let another issue go on with everybody's appeals; this one ends, its order is cancelled."""
        if body.into == issue_id:
            raise Invalid("into", "issue.merge_itself", "事项不能与自身合并", code="issue.merge_itself")
        part = (await _known(db, issue_id)).part
        merge = Merge(body.into, part, body.evidence, actor.id)
        note = notes.to_private(Note(NoteKind.EVIDENCE, body.into, body.text))
        written = await commands.execute(
            To(self._issues, issue_id, merge, note), To(self._issues, body.into, TakeOver(issue_id, part))
        )
        return IssueAnswer(**facts(written.id, written.version, written.state))

    async def unmerge_issue(
        self, issue_id: Id, body: UnmergeBody, actor: Merger, db: Db, commands: Commands
    ) -> IssueAnswer:
        """Let it go its own way again: accepted, with a new order to the earlier lead."""
        issue = await _known(db, issue_id)
        survivor_id = issue.merged_into or issue.unmerged_from
        if survivor_id is None:
            raise Rejected("issue.wrong_status", "该事项没有合并到别的事项")
        survivor = await _known(db, survivor_id)
        there = tuple(appeal.id for appeal in survivor.present if appeal.kept_in == issue_id)
        unmerge = Unmerge(survivor_id, there, content_of(self._reference, body.content), actor.id)
        written = await commands.execute(
            To(self._issues, issue_id, unmerge), To(self._issues, survivor_id, GiveBack(issue_id, there, actor.id))
        )
        return IssueAnswer(**facts(written.id, written.version, written.state))


async def _known(db: Db, issue_id: str) -> Issue:
    row = await views.one(db, issue_id)
    if row is None:
        raise Rejected("issue.not_found", "没有这个诉求事项", status=404)
    return row.state

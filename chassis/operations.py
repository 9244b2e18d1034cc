"""Routes for operations teams (运维), the same in every service: dead letters."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from chassis import dead_letters
from chassis.database import Db
from chassis.errors import problems
from chassis.letter_sweeper import LetterSweeper
from chassis.pages import Page, PageRequest
from chassis.requests import Body, ShortText
from chassis.security import Actor, actor_with
from contracts.codes import Id

router = APIRouter(prefix="/v1/dead-letters", tags=["operations"])
Admin = Annotated[Actor, actor_with("admin")]
_AFTER = TypeAdapter(Id)


class DeadLetter(BaseModel):
    """A record that could not be handled, or waits behind one; its bytes are shown to nobody over HTTP."""

    id: Id
    topic: str
    partition: int
    record_offset: int
    source: str | None
    subject: str | None
    sequence: int | None
    reason: str
    error: str
    attempts: int
    created_at: AwareDatetime
    resolution: str | None
    resolved_at: AwareDatetime | None
    resolved_by: str | None
    note: str | None


class Discard(Body):
    """Why a letter is given up."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "测试数据，与来源核实后丢弃。"}]})

    note: ShortText


@router.get("", summary="死信列表")
async def list_dead_letters(
    _: Admin, db: Db, paging: PageRequest, unresolved: Annotated[bool, Query(description="只看未处理的")] = True
) -> Page[DeadLetter]:
    """List letters, oldest first."""
    after = paging.after(_AFTER)
    rows = await dead_letters.listing(db, unresolved=unresolved, after=after, limit=paging.rows_needed)
    shown, next_cursor = paging.cut(rows, _AFTER, lambda row: row["id"])
    count = sum((await dead_letters.counts(db)).values()) if unresolved else None
    return Page(items=[DeadLetter(**row) for row in shown], next_cursor=next_cursor, count=count)


@router.post("/{letter_id}/replay", summary="重放死信", responses=problems(404, 409))
async def replay_dead_letter(letter_id: Id, actor: Admin, request: Request, db: Db) -> DeadLetter:
    """Handle the letter anew and show it: resolved, or still there with the error of this attempt."""
    letters: LetterSweeper = request.app.state.letters
    await letters.replay(letter_id, by=actor.id)
    return DeadLetter(**await dead_letters.fetch(db, letter_id))


@router.post("/{letter_id}/discard", status_code=204, summary="丢弃死信", responses=problems(404, 409))
async def discard_dead_letter(letter_id: Id, body: Discard, actor: Admin, db: Db) -> None:
    """Give the letter up for a reason; what waited behind it goes on."""
    await dead_letters.discard(db, letter_id, by=actor.id, note=body.note, now=datetime.now(UTC))

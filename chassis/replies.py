"""What was answered under each ``Idempotency-Key``: stored answers, and those of the transaction at hand."""

import json
from collections.abc import Mapping
from typing import Any

from chassis.aggregate import To, Written
from chassis.errors import PreconditionFailed
from chassis.session import Session
from chassis.work import Request, RequestKey, Work
from contracts.rejected import Rejected

Reply = list[Written] | Exception
"""What whoever waits is told: what was written, or why nothing was."""

IDEMPOTENCY_PROBLEMS = {"idempotency.key_reused": "这个 Idempotency-Key 已经用于另一个内容不同的请求。"}


class Replies:
    """Earlier answers by key, and the new ones to be stored.

    Refusals by a rule are answers and are stored. A defect is none, so that the same request may be
    tried again.
    """

    def __init__(self, stored: Mapping[RequestKey, tuple[bytes, str]]) -> None:
        self._stored = stored
        self._given: dict[RequestKey, tuple[Request, Work, Reply]] = {}

    def earlier(self, work: Work) -> Reply | None:
        """The answer that this request was given before, or a refusal if its key served another body."""
        request = work.request
        if request is None:
            return None
        if (stored := self._stored.get(request.identity)) is not None:
            body_hash, answer = stored
            return _load(work, answer) if body_hash == request.body_hash else reused()
        if (given := self._given.get(request.identity)) is not None:
            first, _, reply = given
            return _again(reply) if first.body_hash == request.body_hash else reused()
        return None

    def give(self, work: Work, reply: Reply) -> None:
        """Remember a new answer."""
        if work.request is not None:
            self._given[work.request.identity] = (work.request, work, reply)

    def to_store(self, session: Session) -> list[tuple[Request, str]]:
        """New answers, as stored."""
        given = self._given.values()
        return [(request, _dump(work, reply, session)) for request, work, reply in given if _is_answer(reply)]


def _is_answer(reply: Reply) -> bool:
    return isinstance(reply, list | Rejected | PreconditionFailed)


def reused() -> Rejected:
    """The refusal of a key that served another body."""
    code = "idempotency.key_reused"
    return Rejected(code, IDEMPOTENCY_PROBLEMS[code], field="Idempotency-Key", status=422)


def _again(reply: Reply) -> Reply:
    return [written._replace(replayed=True) for written in reply] if isinstance(reply, list) else reply


def _dump(work: Work, reply: Reply, session: Session) -> str:
    match reply:
        case Rejected():
            fields: dict[str, Any] = {"code": reply.code, "message": reply.message, "field": reply.field}
            return json.dumps({"rejected": fields | {"status": reply.status}})
        case PreconditionFailed():
            return json.dumps({"version": reply.current_version})
        case list():
            rows = [_dump_written(to, written, session) for to, written in zip(work.to, reply, strict=True)]
            return f'{{"written": [{",".join(rows)}]}}'
        case _:
            raise TypeError(f"no answer: {type(reply).__name__}")


def _dump_written(to: To, written: Written, session: Session) -> str:
    state = session.text(to.aggregate, written.state)
    return f'{{"id": "{written.id}", "version": {written.version}, "state": {state}}}'


def _load(work: Work, answer: str) -> Reply:
    document = json.loads(answer)
    if "rejected" in document:
        rejected = document["rejected"]
        return Rejected(rejected["code"], rejected["message"], field=rejected["field"], status=rejected["status"])
    if "version" in document:
        return PreconditionFailed(document["version"])
    return [
        Written(row["id"], row["version"], to.aggregate.adapter.validate_json(json.dumps(row["state"])), replayed=True)
        for to, row in zip(work.to, document["written"], strict=True)
    ]

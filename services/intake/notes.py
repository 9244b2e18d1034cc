"""经办文字: what people wrote to each other about an issue; private data, because citizens and others may be in it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

PREFIX = "note/"


class NoteKind(StrEnum):
    """What a note is about."""

    QUESTION = "question"  # 请政策专员
    SPECIALIST_ANSWER = "specialist_answer"  # 政策专员答复
    OBJECTION = "objection"  # 异议理由
    EVIDENCE = "evidence"  # 合并依据
    REOPENING = "reopening"  # 重新打开的理由


@dataclass(frozen=True, slots=True)
class Note:
    """``about`` is the id of the question, the appeal or the other issue."""

    kind: NoteKind
    about: str
    text: str


def to_private(note: Note) -> Mapping[str, str]:
    """As private data of the issue; a later note of the same kind about the same takes its place."""
    return {f"{PREFIX}{note.kind}/{note.about}": json.dumps(asdict(note), ensure_ascii=False)}


def from_private(texts: Mapping[str, str]) -> list[Note]:
    """Read back what ``to_private`` wrote."""
    read = [json.loads(text) for text in texts.values()]
    return [Note(NoteKind(note["kind"]), note["about"], note["text"]) for note in read]

"""What is known of petitioners and their petition and never leaves the service: names and forms of private data."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

AUTHORISATION, RESULT, OBJECTION, EXTENSION, OPINION, REASONS, FEEDBACK = (
    "authorisation",
    "result",
    "objection",
    "extension",
    "opinion",
    "reasons",
    "feedback",
)
KIND_ZH = {
    AUTHORISATION: "代办委托书",
    RESULT: "就地化解结果",
    OBJECTION: "管辖异议理由",
    EXTENSION: "延长办理期限理由",
    OPINION: "处理、复查、复核意见",
    REASONS: "请求复查、复核理由",
    FEEDBACK: "反馈内容",
}


@dataclass(frozen=True, slots=True)
class PetitionText:
    """One private text of a petition; ``fields`` are what it consists of, in Chinese for whoever reads it."""

    kind: str
    id: str
    fields: Mapping[str, str]


def private(kind: str, id_: str, **fields: str | Sequence[str]) -> dict[str, str]:
    """As private data of the petition: name -> JSON."""
    return {f"{kind}/{id_}": json.dumps(fields, ensure_ascii=False)}


def read(texts: Mapping[str, str]) -> Iterator[PetitionText]:
    """Read back what ``private`` wrote."""
    for name, text in texts.items():
        kind, _, id_ = name.partition("/")
        fields = json.loads(text)
        shown = {field: "、".join(value) if isinstance(value, list) else value for field, value in fields.items()}
        yield PetitionText(kind, id_, shown)

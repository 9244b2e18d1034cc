"""What one issue each went through of which a count says too little. Told out of intake's timelines."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import groupby

from contracts import mediation, mediation_petitions, router
from contracts.event import Event
from demo.client import Json

Happened = Mapping[str, Set[type[Event]]]
"""Issue -> what has happened to it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What kind of story: all of one of ``ways`` has to have happened; told are the steps of these aggregates."""

    title: str
    ways: tuple[Set[type[Event]], ...]
    aggregates: Set[str]


@dataclass(frozen=True, slots=True)
class Story:
    """One issue's."""

    title: str
    issue: str
    steps: list[str]


KINDS = (
    Kind("调解成功、司法确认、履行", ({mediation.CaseConfirmed, mediation.CasePerformed},), {"case"}),
    Kind("调解不成", ({mediation.CaseFailed}, {mediation.CaseTerminated}), {"case"}),
    Kind(
        "信访代办",
        ({mediation_petitions.PetitionOpinionIssued}, {mediation_petitions.PetitionResolvedLocally}),
        {"petition"},
    ),
    Kind("重办", ({router.OrderReworked},), {"order", "revisit"}),
)
CALLED_BACK = "合作方回调"


def chosen(kind: Kind, issues: Sequence[str], happened: Happened) -> str | None:
    """The first issue of this kind; the ways that are named first go before the others."""
    return next((issue for way in kind.ways for issue in issues if way <= happened.get(issue, set())), None)


def told(kind: Kind, issue: str, timeline: Sequence[Json]) -> Story:
    """Its steps by their Chinese names, what is repeated at once only once."""
    steps = [entry["title_zh"] for entry in timeline if entry["subject"].partition("/")[0] in kind.aggregates]
    return Story(kind.title, issue, [step for step, _ in groupby(steps)])

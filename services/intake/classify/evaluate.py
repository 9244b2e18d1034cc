"""How good the proposals are on appeals with the expected handling, in the form of ``appeals.jsonl``.

docs/classification.md says how each figure is counted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from contracts.codes import Urgency
from services.intake.classify.decision import Assessment, Classifier, Heard
from services.intake.classify.incidents import Heard as Compared
from services.intake.classify.incidents import Rule, candidates
from services.intake.reference_data import Item, Lead

Ratio = float | None
"""None: there was nothing to count."""


class Appellant(BaseModel):
    """诉求人 of a file's appeal."""

    phone: str


class Expected(BaseModel):
    """What should become of the appeal."""

    item_code: str | None
    disposition: str
    same_incident_as: str | None = None


class Appeal(BaseModel):
    """One line of the file; what is not needed here is passed over."""

    model_config = ConfigDict(extra="ignore")

    id: str
    received_at: datetime
    text: Annotated[str, Field(min_length=1)]
    place: str | None = None
    street_code: str | None = None
    lat: float | None = None
    lon: float | None = None
    appellant: Appellant
    expected: Expected

    def heard(self) -> Heard:
        """As the classifier takes it."""
        point = (self.lat, self.lon) if self.lat is not None and self.lon is not None else None
        return Heard(self.text, self.place, self.street_code, point)


@dataclass(frozen=True, slots=True)
class Judged:
    """An appeal, what was proposed, and the earlier appeals proposed as the same incident."""

    appeal: Appeal
    assessment: Assessment
    same: tuple[str, ...]


def judge(appeals: Sequence[Appeal], classifier: Classifier, rule: Rule) -> list[Judged]:
    """Go through the appeals in the order they came in."""
    judged: list[Judged] = []
    compared: list[Compared] = []
    for appeal in sorted(appeals, key=lambda appeal: (appeal.received_at, appeal.id)):
        heard = appeal.heard()
        assessment = classifier.assess(heard)
        new = comparable(appeal.id, appeal.received_at, appeal.appellant.phone, heard, assessment, classifier)
        same = candidates(new, compared, rule, classifier.gazetteer.administrative)
        compared.append(new)
        judged.append(Judged(appeal, assessment, tuple(candidate.id for candidate in same)))
    return judged


def comparable(
    id_: str, at: datetime, appellant: str, heard: Heard, assessment: Assessment, classifier: Classifier
) -> Compared:
    """An appeal as far as another can be held beside it."""
    topics = classifier.model.topics(heard.text)
    wording = classifier.model.wording(heard.text)
    street = assessment.place.street_code
    return Compared(id_, at, appellant, heard.text, heard.place or "", street, heard.point, topics, wording)


def figures(judged: Sequence[Judged], items: Mapping[str, Item]) -> dict[str, Any]:
    """The figures of docs/classification.md."""
    with_item = [one for one in judged if one.appeal.expected.item_code in items]
    automatic = [one for one in judged if one.assessment.automatic]
    emergencies = [one for one in judged if _is_emergency(one.appeal.expected, items)]
    flagged = [one for one in judged if one.assessment.emergency is not None]
    declines = [one for one in judged if one.assessment.decline is not None]
    pairs = {frozenset((one.appeal.id, other)) for one in judged for other in one.same}
    expected_pairs = _pairs(judged)
    return {
        "appeals": len(judged),
        "top1": _share(with_item, lambda one: _codes(one)[:1] == [one.appeal.expected.item_code]),
        "top5": _share(with_item, lambda one: one.appeal.expected.item_code in _codes(one)),
        "auto_precision": _share(automatic, lambda one: _lead_is_right(one, items)),
        "auto_coverage": len(automatic) / len(judged) if judged else None,
        "auto_item_precision": _share(automatic, lambda one: _codes(one)[0] == one.appeal.expected.item_code),
        "emergency_recall": _share(emergencies, lambda one: one.assessment.emergency is not None),
        "emergency_certain_recall": _share(emergencies, lambda one: one.assessment.emergency == "certain"),
        "emergency_precision": _share(flagged, lambda one: _is_emergency(one.appeal.expected, items)),
        "decline_proposals": len(declines),
        "decline_precision": _share(declines, lambda one: one.appeal.expected.disposition == "decline"),
        "duplicate_pairs": len(pairs),
        "duplicate_precision": len(pairs & expected_pairs) / len(pairs) if pairs else None,
        "duplicate_recall": _recall(judged, pairs, expected_pairs),
    }


def _share(of: Sequence[Judged], holds: Callable[[Judged], bool]) -> Ratio:
    return sum(map(holds, of)) / len(of) if of else None


def _codes(one: Judged) -> list[str]:
    return [guess.code for guess in one.assessment.guesses]


def _lead_is_right(one: Judged, items: Mapping[str, Item]) -> bool:
    """A dispatch was expected, and the proposed item goes the expected item's way."""
    expected = items.get(one.appeal.expected.item_code or "")
    if expected is None or one.appeal.expected.disposition != "dispatch":
        return False
    proposed = items[_codes(one)[0]]
    same_unit = proposed.sector_unit == expected.sector_unit or expected.lead is Lead.LOCALITY
    return proposed.lead is expected.lead and same_unit


def _is_emergency(expected: Expected, items: Mapping[str, Item]) -> bool:
    item = items.get(expected.item_code or "")
    return expected.disposition == "emergency_transfer" or (item is not None and item.urgency is Urgency.EMERGENCY)


def _pairs(judged: Sequence[Judged]) -> set[frozenset[str]]:
    """All pairs of one incident, as ``same_incident_as`` says."""
    incidents: dict[str, list[str]] = {}
    for one in judged:
        root = one.appeal.expected.same_incident_as or one.appeal.id
        incidents.setdefault(root, []).append(one.appeal.id)
    return {frozenset((a, b)) for members in incidents.values() for a in members for b in members if a != b}


def _recall(judged: Sequence[Judged], pairs: set[frozenset[str]], expected: set[frozenset[str]]) -> Ratio:
    """Of the appeals that are about an earlier one's incident: those with at least one right proposal."""
    later = [one for one in judged if one.appeal.expected.same_incident_as]
    right = pairs & expected
    return _share(later, lambda one: any(frozenset((one.appeal.id, other)) in right for other in one.same))

"""What is proposed for an appeal: kind, items, emergency signs, decline, place; and whether a machine may accept it.

The order is a rule: danger is looked for before anything else, and nothing below may hold or turn away what shows it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.codes import IssueKind, Urgency
from services.intake.classify import cues, emergency, kinds
from services.intake.classify.emergency import Sign
from services.intake.classify.model import Guess, Model
from services.intake.classify.place import Gazetteer, PlaceFound, Point
from services.intake.reference_data import IntakeReference, Item, Lead

SUGGESTED = 5
"""So many items are shown to a person [issue text: five suggestions]."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability something is done; out of ``limits.toml``, each with its source."""

    auto_accept: float
    propose_decline: float
    doubtful_emergency: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said, and where."""

    text: str
    place: str | None = None
    street_code: str | None = None
    point: Point | None = None
    neighbours: Sequence[tuple[Point, str]] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """归类结果.

    ``lead_probability``: that lead and unit of the first item are right. ``by_model``: an emergency item that is likely
    enough, whatever the word lists say. ``held_because``: why a person decides, in Chinese; empty: nobody needs to.
    """

    guesses: tuple[Guess, ...]
    kind: IssueKind | None
    lead_probability: float
    signs: tuple[Sign, ...]
    by_model: Guess | None
    decline: Guess | None
    place: PlaceFound
    held_because: tuple[str, ...]

    @property
    def emergency(self) -> str | None:
        """``certain``, ``doubtful`` or None. Both come first in every queue."""
        if any(sign.certain for sign in self.signs):
            return "certain"
        return "doubtful" if self.signs or self.by_model else None

    @property
    def automatic(self) -> bool:
        """Whether it may be accepted without a person."""
        return not self.held_because


class Classifier:
    """归类, on one version of the reference data."""

    def __init__(self, model: Model, reference: IntakeReference, thresholds: Thresholds) -> None:
        self.model = model
        self.gazetteer = Gazetteer(reference.streets.values())
        self._items = reference.items
        self._exclusions = reference.exclusions
        self._thresholds = thresholds
        self._dangers = emergency.load()
        self._kinds = kinds.load()
        self._cues = cues.load()

    def assess(self, heard: Heard) -> Assessment:
        """Everything that is proposed for an appeal."""
        guesses = self.model.guesses(heard.text)
        items = [guess for guess in guesses if guess.code in self._items]
        first = self._items[items[0].code] if items else None
        manner = self._kinds.manner(heard.text)
        signs = tuple(self._dangers.signs(heard.text))
        by_model = self._emergency_item(items)
        in_danger = bool(signs or by_model)
        decline = None if in_danger else self._decline(guesses)
        place = self.gazetteer.find(heard.street_code, heard.place, heard.text, heard.point, heard.neighbours)
        lead_probability = self._lead_probability(guesses, first)
        held = []
        if in_danger:
            held.append("有突发警情迹象，由人先看")
        if first is None or lead_probability < self._thresholds.auto_accept:
            held.append(f"承办单位的把握 {lead_probability:.0%}，低于 {self._thresholds.auto_accept:.0%}")
        if first is not None and manner.wants_answer(first.default_kind):
            held.append("像是咨询，由人答复")
        if decline is not None or (guesses and guesses[0].code in self._exclusions):
            held.append("可能属于不受理清单，由人判断")
        elif words := self._cues.cues(heard.text):
            held.append(f"说到“{words[0]}”，可能属于不受理清单，由人判断")
        if first is not None and first.lead is not Lead.SECTOR and not place.known:
            held.append("属地事项，街道不明")
        kind = manner.kind(first.default_kind) if first else None
        return Assessment(
            tuple(items[:SUGGESTED]), kind, lead_probability, signs, by_model, decline, place, tuple(held)
        )

    def _lead_probability(self, guesses: Sequence[Guess], first: Item | None) -> float:
        """Of all items that go the same way as the first: what is dispatched is the lead, not the item."""
        sums: dict[tuple[str, str], float] = defaultdict(float)
        for guess in guesses:
            if (item := self._items.get(guess.code)) is not None:
                sums[_way(item)] += guess.probability
        return sums[_way(first)] if first else 0.0

    def _emergency_item(self, items: Sequence[Guess]) -> Guess | None:
        """An item that is an emergency by the catalogue, if it is likely enough to be looked at by a person first."""
        for guess in items:
            if guess.probability < self._thresholds.doubtful_emergency:
                return None
            if self._items[guess.code].urgency is Urgency.EMERGENCY:
                return guess
        return None

    def _decline(self, guesses: Sequence[Guess]) -> Guess | None:
        """The clause that a person may propose to decline by."""
        if guesses and guesses[0].code in self._exclusions:
            return guesses[0] if guesses[0].probability >= self._thresholds.propose_decline else None
        return None


def _way(item: Item) -> tuple[str, str]:
    """Who leads: for a street's matter the street, which the place says; else the sector unit."""
    return item.lead.value, "" if item.lead is Lead.LOCALITY else item.sector_unit

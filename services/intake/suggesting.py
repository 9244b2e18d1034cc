"""归类 in a running service: the model, on the version of the reference data in force."""

from dataclasses import dataclass

from chassis.errors import Unavailable
from chassis.limits import Limits
from contracts.codes import Agency
from services.intake.callers import Contact
from services.intake.classify import emergency
from services.intake.classify.command import incident_rule, thresholds
from services.intake.classify.decision import Classifier, Heard
from services.intake.classify.model import Model
from services.intake.issue_model import Content
from services.intake.reference_checks import Reference


@dataclass(frozen=True, slots=True)
class Danger:
    """What the words of an appeal show of danger. ``agency``: certain, and whom it is for; ``doubtful``: look first."""

    agency: Agency | None
    doubtful: bool


class Suggesting:
    """Shared by the routes; safe to use from a thread."""

    def __init__(self, reference: Reference, model: Model, limits: Limits, auto_accept: bool) -> None:
        """``auto_accept``: whether ``acceptance`` may say yes at all."""
        self._reference = reference
        self._model = model
        self._thresholds = thresholds(limits)
        self._dangers = emergency.load()
        self._auto_accept = auto_accept
        self._classifier: tuple[str, Classifier] | None = None
        self.incident_rule = incident_rule(limits)

    @property
    def classifier(self) -> Classifier:
        """On the reference data in force. Raises ``Unavailable`` while none is loaded."""
        snapshot = self._reference.snapshot
        if self._classifier is None or self._classifier[0] != snapshot.version:
            self._classifier = snapshot.version, Classifier(self._model, snapshot, self._thresholds)
        return self._classifier[1]

    def danger(self, text: str) -> Danger:
        """By the word lists alone, which need no reference data and a tenth of a millisecond."""
        signs = self._dangers.signs(text)
        certain = next((sign.agency for sign in signs if sign.certain), None)
        return Danger(certain, bool(signs) and certain is None)

    def acceptance(self, contact: Contact, street_code: str | None) -> Content | None:
        """What an appeal may be accepted as without a person; None: a person decides."""
        if not self._auto_accept:
            return None
        try:
            found = self.classifier.assess(heard(contact, street_code))
        except Unavailable:
            return None
        if not found.automatic or found.kind is None:
            return None
        item = self._reference.item(found.guesses[0].code)
        return Content(found.kind, item.code, found.place.street_code if found.place.known else None, item.urgency)


def heard(contact: Contact, street_code: str | None) -> Heard:
    """An appeal as the classifier takes it."""
    point = (contact.lat, contact.lon) if contact.lat is not None and contact.lon is not None else None
    return Heard(contact.text, contact.place, street_code, point)

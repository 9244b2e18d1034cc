"""The base of every event: an immutable fact in the past tense."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic._internal._model_construction import ModelMetaclass


class _Plain(ModelMetaclass):
    """Events have no virtual subclasses: what one is can be asked without the ABCs' caches, in a third of the time."""

    __instancecheck__ = type.__instancecheck__


class Event(BaseModel, metaclass=_Plain):
    """A fact that one aggregate recorded.

    A subclass names its CloudEvents type in ``type`` (``qingcheng.<service>.<aggregate>.<fact>.v<n>``). Unknown
    fields are ignored, so that a producer may add an optional one before its consumers know it; anything else
    is a new version. No field may hold personal data (``tests/contracts`` walks every schema for it).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]

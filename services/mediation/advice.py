"""告知事项: where parties may turn, and the time that they have for it. The texts are in ``advice.toml``."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from services.mediation.case_parts import Guidance


class Way(BaseModel):
    """One of the other ways 途径."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1)
    limit: str = Field(min_length=1, description="期限")
    source: str = Field(pattern=r"^\[[APKI]\] \S", description="依据")

    @property
    def basis(self) -> str:
        """The source as parties read it: without the mark of what kind of source it is."""
        return self.source.partition("] ")[2]


class Advice(BaseModel):
    """Everything that is told, and the version that a case keeps."""

    model_config = ConfigDict(extra="forbid")

    version: str = Field(pattern=r"^[A-Za-z0-9_.:/-]{1,64}$")
    ways: Mapping[Guidance, Way]


@cache
def advice() -> Advice:
    """What stands in ``advice.toml``. Raises ``ValidationError`` if that cannot be meant."""
    return Advice.model_validate(tomllib.loads((Path(__file__).parent / "advice.toml").read_text("utf-8")))

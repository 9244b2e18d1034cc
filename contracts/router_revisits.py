"""What the router publishes of call-backs 回访, in ``router.orders`` too: inputs of 四率."""

from typing import ClassVar

from pydantic import Field

from contracts.codes import Code, Id, ReasonClass, Resolution, Satisfaction
from contracts.event import Event


class OrderRevisitNoted(Event):
    """回访已收到: what a caller of this round, or a late one of a closed order, said, as it counts for the order."""

    type: ClassVar[str] = "qingcheng.router.order.revisit_noted.v1"
    appeal_id: Id
    round: int = Field(ge=1)
    answer: Code = Field(description="solved | unsolved | beyond_policy | unreached")
    revisit_id: Id | None = Field(default=None, description="The call-back that it is of; null: not kept then.")
    contacted: bool | None = Field(default=None, description="Whether the unit spoke to the caller; null: unreached.")
    in_time: bool | None = None
    resolution: Resolution | None = None
    satisfaction: Satisfaction | None = None
    reason_class: ReasonClass | None = None

"""承办责任 obligations, as several of the router's events carry them."""

from pydantic import BaseModel, ConfigDict, Field

from contracts.codes import ObligationRole, Time, UnitCode


class Obligation(BaseModel):
    """A unit's duty in an order, with its clocks (双派双考: two obligations, two clocks)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    unit: UnitCode
    role: ObligationRole
    sign_due: Time
    contact_due: Time
    yellow_at: Time = Field(description="80% of the limit has gone: supervision turns yellow.")
    due: Time

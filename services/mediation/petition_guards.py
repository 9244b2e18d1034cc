"""What several rules of a petition 信访代办 ask first."""

from datetime import datetime

from contracts.rejected import Rejected
from services.mediation.petition_model import STATUS_ZH, Petition


def wrong_status(petition: Petition) -> Rejected:
    """The refusal of a command that does not fit the status."""
    return Rejected("petition.wrong_status", f"该事项当前为“{STATUS_ZH[petition.status]}”，不能进行此操作")


def happened_at(petition: Petition, at: datetime | None, now: datetime, field: str = "at") -> datetime:
    """When it happened; it may be written down afterwards, but not before the step before it, nor in the future.

    Raises ``Rejected`` ``petition.time_order``.
    """
    if at is None:
        return now
    if at > now or (petition.since is not None and at < petition.since):
        raise Rejected("petition.time_order", "时间应在上一环节之后、现在之前", field=field, status=422)
    return at


def other_authority(authority: str, *before: str | None) -> None:
    """Raises ``Rejected`` ``petition.same_authority`` for one of those that had it before."""
    if authority in before:
        raise Rejected("petition.same_authority", "应当是另一个机关、单位", field="authority", status=422)

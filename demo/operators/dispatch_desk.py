"""派单 and 审核: a dispatcher takes what no rule could dispatch, a reviewer what units have submitted."""

from demo.appeals import Appeal
from demo.client import Json
from demo.operators.office import Office, Operator, Queue
from demo.staff import DISPATCHER, REVIEWER
from demo.switchboard import DISPATCHER as DISPATCHER_DESK
from demo.switchboard import REVIEWER as REVIEWER_DESK

COMMAND_CENTRE = "D15010001"  # 市接诉即办指挥调度中心: takes what nobody can place


class Dispatcher(Operator):
    """派单员."""

    def __init__(self, office: Office) -> None:
        queue = Queue("router", "/v1/orders", {"queue": "dispatch"}, self._dispatch)
        super().__init__(office, DISPATCHER_DESK, DISPATCHER, {"dispatch": queue})

    async def _dispatch(self, order: Json, appeal: Appeal) -> None:
        """To the street where others have reported the same incident; else the command centre finds the place."""
        unit = self._street(appeal) or COMMAND_CENTRE
        path = f"/v1/orders/{order['id']}/dispatch"
        choice = {"obligations": [{"unit": unit, "role": "lead"}]}
        await self.api.post(DISPATCHER, "router", path, choice, f"dispatch/{order['id']}")

    def _street(self, appeal: Appeal) -> str | None:
        same = (other for other in self.office.appeals.values() if other.id == appeal.same_incident_as)
        return next((f"S{other.street_code}" for other in same if other.street_code), None)


class Reviewer(Operator):
    """审核员."""

    def __init__(self, office: Office) -> None:
        queue = Queue("router", "/v1/orders", {"queue": "review"}, self._review)
        super().__init__(office, REVIEWER_DESK, REVIEWER, {"review": queue})

    async def _review(self, order: Json, appeal: Appeal) -> None:
        key = f"review/{order['id']}/{order['round']}"
        await self.api.post(REVIEWER, "router", f"/v1/orders/{order['id']}/review", {"passed": True}, key)

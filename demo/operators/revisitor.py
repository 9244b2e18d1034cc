"""回访: whoever had an order is called back, one in ten not content at first, and some of those who were answered."""

from datetime import UTC, datetime

from demo.appeals import Appeal
from demo.client import Json
from demo.operators.office import Office, Operator, Queue
from demo.staff import REVISITOR
from demo.switchboard import REVISITOR as DESK

UNSOLVED_ONE_IN = 10
UNREACHED_ONE_IN = 15
CONTENT = {"contacted": True, "in_time": True, "resolution": "yes", "satisfaction": "satisfied"}
CONTENT_WITH_ANSWER = {"resolution": "yes", "satisfaction": "satisfied"}
"""Of a direct answer 直接答复, in which no unit had a part."""
NOT_CONTENT = {
    "contacted": True,
    "in_time": True,
    "resolution": "no",
    "satisfaction": "dissatisfied",
    "reason_class": "unit_work",
}


class Revisitor(Operator):
    """回访员."""

    def __init__(self, office: Office) -> None:
        super().__init__(
            office, DESK, REVISITOR, {"open": Queue("notify", "/v1/revisits", {"queue": "open"}, self._call)}
        )

    async def _call(self, revisit: Json, appeal: Appeal) -> None:
        of_an_order = revisit["basis"] != "answer"
        first_round = of_an_order and revisit["round"] == 1
        if revisit["attempts"]:
            wait = datetime.fromisoformat(revisit["next_attempt_from"]) - datetime.now(UTC)
            if wait.total_seconds() > 0:
                self.look_again_in(wait.total_seconds())
                return
        elif first_round and appeal.one_in(UNREACHED_ONE_IN, "unreached"):
            await self._post(revisit, "attempts", {"number": 1})
            return
        issue, whose = revisit["issue_id"], revisit["appeal_id"]
        reveal = f"/v1/issues/{issue}/appeals/{whose}/reveal"
        await self.api.post(REVISITOR, "intake", reveal, {"purpose": "revisit"}, f"reveal/{revisit['id']}")
        unsolved = first_round and appeal.one_in(UNSOLVED_ONE_IN, "unhappy")
        content = CONTENT if of_an_order else CONTENT_WITH_ANSWER
        await self._post(revisit, "record", NOT_CONTENT if unsolved else content)

    async def _post(self, revisit: Json, step: str, body: Json) -> None:
        path = f"/v1/revisits/{revisit['id']}/{step}"
        await self.api.post(REVISITOR, "notify", path, body, f"{step}/{revisit['id']}")

"""承办单位: every unit signs, contacts and handles its own orders; streets whistle, departments report in.

A street's leader sits in the same house: what its staff means to call departments for, the leader approves.
"""

from demo.appeals import Appeal, Route
from demo.client import Json, Refused
from demo.operators.office import Office, Operator, Queue
from stack.tokens import handler, leader

DAWDLES_ONE_IN = 2  # of the orders with the shortest limit
RED_ONE_IN = 3  # of those
SHORTEST_LIMIT = 1  # working days
VISITED_ONE_IN = 2
EVERYWHERE = ("D15010017", "D15010008")  # 城市管理局, 公安局: whom a street calls if the item's sector is not enough
MOST_CALLED = 3
SCORES = {"reported_in_score": 100, "acted_score": 90, "solved_score": 90}


class Unit(Operator):
    """承办人 of one unit, who sees nobody else's orders."""

    def __init__(self, office: Office, code: str) -> None:
        queues = {
            "drafts": Queue("router", "/v1/whistles", {"queue": "approve"}, self._approve),
            "whistles": Queue("router", "/v1/whistles", {"status": "blown"}, self._answer_whistle),
            "sign": Queue("router", "/v1/orders", {"queue": "sign"}, self._sign),
            "handle": Queue("router", "/v1/orders", {"queue": "handle"}, self._handle),
        }
        super().__init__(office, code, handler(code), queues)
        self._code = code
        self._is_street = code.startswith("S")

    async def _sign(self, order: Json, appeal: Appeal) -> None:
        """Sign, and begin at once."""
        await self._handle(await self._post(order, "sign", {}), appeal)

    async def _handle(self, order: Json, appeal: Appeal) -> None:
        """Contact the callers, then do what the appeal needs: mediation, a petition, a whistle, or one's own work."""
        if order["open_whistles"] or not await self._contact(order, appeal):
            return
        leads = self._mine(order)["role"] == "lead"
        if leads and appeal.route is Route.MEDIATION and not order["cases"]:
            await self._post(order, "refer", {})
        elif leads and appeal.route is Route.PETITION_PROXY and not order["cases"]:
            await self._post(order, "refer-petition", {})
        elif leads and self._is_street and appeal.route is Route.WHISTLE and not await self._has_whistled(order):
            await self._blow(order)
        elif not self._dawdles(order, appeal):
            result = {"text": f"已现场核实并办理完毕，结果已告知诉求人（{order['item_zh']}）。"}
            await self._post(order, "submit", result)

    async def _contact(self, order: Json, appeal: Appeal) -> bool:
        """Call or visit, once in every round; False while intake has not heard yet that the order is ours."""
        if self._mine(order)["contacted"]:
            return True
        for whose in order["appeals"]:
            path = f"/v1/issues/{order['issue_id']}/appeals/{whose}/reveal"
            try:
                await self.api.post(
                    self._who, "intake", path, {"purpose": "handling"}, self._key(order, "reveal", whose)
                )
            except Refused as refusal:
                if refusal.code != "issue.not_your_unit":
                    raise
                self.look_again_in(0.1)
                return False
        await self._post(order, "contact", {"visit": appeal.one_in(VISITED_ONE_IN, "visited")})
        return True

    def _dawdles(self, order: Json, appeal: Appeal) -> bool:
        """A few units leave an ordinary order lying until supervision wakes them: 黄牌, or even 红牌."""
        shortest = order["limit_working_days"] <= SHORTEST_LIMIT and appeal.route is Route.ORDINARY
        if not shortest or order["reworks"] or not appeal.one_in(DAWDLES_ONE_IN, "idle"):
            return False
        awake = ("red",) if appeal.one_in(RED_ONE_IN, "asleep") else ("yellow", "red")
        return self._mine(order)["supervision"] not in awake

    async def _has_whistled(self, order: Json) -> bool:
        blown = self.api.list(self._who, "router", "/v1/whistles", order_id=order["id"])
        return any([whistle["street"] == self._code async for whistle in blown])

    async def _blow(self, order: Json) -> None:
        """吹哨: call the departments of the item's category, and those that are needed everywhere."""
        category = order["item_code"][:2]
        units = self.api.list(self._who, "router", "/v1/units", kind="department")
        of_category = [unit["code"] async for unit in units if category in unit["categories"]]
        called = list(dict.fromkeys((*of_category, *EVERYWHERE)))[:MOST_CALLED]
        await self._post(order, "whistles", {"kind": "citizen_appeal", "departments": called})

    async def _approve(self, whistle: Json, appeal: Appeal) -> None:
        """街道领导审批."""
        path = f"/v1/whistles/{whistle['id']}/approve"
        await self.api.post(leader(self._code), "router", path, {}, f"approve/{whistle['id']}")

    async def _answer_whistle(self, whistle: Json, appeal: Appeal) -> None:
        if whistle["street"] == self._code:
            await self._evaluate(whistle)
            return
        line = next(line for line in whistle["departments"] if line["unit"] == self._code)
        result = {"text": "已到现场会同处置，本部门事项办理完毕。"}
        steps: dict[str, list[tuple[str, Json]]] = {
            "notified": [("acknowledge", {}), ("contact", {}), ("report-in", {}), ("result", result)],
            "acknowledged": [("contact", {}), ("report-in", {}), ("result", result)],
            "contacted": [("report-in", {}), ("result", result)],
            "reported_in": [("result", result)],
            "escalated": [("report-in", {}), ("result", result)],
        }
        for step, body in steps.get(line["status"], []):
            await self._post_whistle(whistle, step, body)
        if line["needed_score"] is None:
            await self._post_whistle(whistle, "rate-street", {"needed_score": 100, "precise_score": 90})

    async def _evaluate(self, whistle: Json) -> None:
        """街道评价 of every department that has given its result."""
        for line in whistle["departments"]:
            if line["status"] == "result":
                await self._post_whistle(whistle, "evaluate", {"unit": line["unit"], **SCORES}, line["unit"])

    def _mine(self, order: Json) -> Json:
        mine: Json = next(duty for duty in order["obligations"] if duty["unit"] == self._code)
        return mine

    def _key(self, order: Json, step: str, which: str = "") -> str:
        return f"{step}/{order['id']}/{order['reworks']}/{which}"

    async def _post(self, order: Json, step: str, body: Json) -> Json:
        return await self.api.post(
            self._who, "router", f"/v1/orders/{order['id']}/{step}", body, self._key(order, step)
        )

    async def _post_whistle(self, whistle: Json, step: str, body: Json, which: str = "") -> None:
        path = f"/v1/whistles/{whistle['id']}/{step}"
        await self.api.post(self._who, "router", path, body, f"{step}/{whistle['id']}/{which}")

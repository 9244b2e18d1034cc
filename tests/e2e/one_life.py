"""One issue that lives at random: whatever the people whose work it is may do with it, and what they may not."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contracts.codes import IssueKind, Urgency
from stack.dice import Dice
from stack.tokens import Staff, handler
from tests.e2e.api import AGENT, CLERK, DISPATCHER, EVERYBODY, REVIEWER, REVISITOR, SUPERVISOR, Json
from tests.e2e.lives import ITEMS, STREETS, Lives, appeal
from tests.e2e.surface import Operation

SECOND = Staff("A2", ("agent",))
THIRD = Staff("V2", ("supervisor",))
SPECIALIST = Staff("E1", ("specialist",))
WILD = frozenset({"issue_id", "order_id", "whistle_id", "case_id", "petition_id", "revisit_id", "appeal_id"})
"""Operations whose path names only these may happen to anything at any time."""


@dataclass
class Life:
    """One issue on its way; ``dice`` are its own."""

    lives: Lives
    dice: Dice
    id: str

    async def step(self) -> None:
        """Something happens to it: what comes next, what may come at any time, or what need not be possible."""
        issue = await self.lives.ask("GET", SUPERVISOR, "intake", f"/v1/issues/{self.id}")
        if issue is None:
            return
        match self.dice.random():
            case chance if chance < 0.15:
                await self._beside(issue)
            case chance if chance < 0.3:
                await self._anything(
                    {"issue_id": self.id, "appeal_id": self.dice.choice(issue["appeals"] or [self.id])}
                )
            case _:
                await self._forward(issue)

    async def _act(self, who: Staff, action: str, body: Json | None = None) -> None:
        await self.lives.do(who, "intake", f"/v1/issues/{self.id}/{action}", body)

    def _content(self) -> Json:
        content: Json = {
            "kind": self.dice.choice(list(IssueKind)),
            "item_code": self.dice.choice(ITEMS),
            "street_code": self.dice.choice(STREETS),
        }
        return content | ({"urgency": self.dice.choice(list(Urgency))} if self.dice.random() < 0.3 else {})

    async def _forward(self, issue: Json) -> None:
        match issue["status"]:
            case "registered":
                await self._triage(issue)
            case "decline_review":
                await self._act(SECOND, self.dice.choice(["confirm-decline", "refuse-decline"]))
            case "declined":
                await self._act(AGENT, "object", {"appeal_id": issue["appeals"][0], "text": "请再看一看。"})
            case "objection_review" if self.dice.random() < 0.5:
                await self._act(THIRD, "uphold-objection", self._content())
            case "objection_review":
                await self._act(THIRD, "reject-objection")
            case "transferred" if self.dice.random() < 0.3:
                await self._act(AGENT, "refuse-transfer")
            case "merged" if self.dice.random() < 0.3:
                await self._act(AGENT, "unmerge", {"content": self._content()})
            case "closed" | "answered" if issue["appeals"] and self.dice.random() < 0.3:
                again = {"appeal_id": issue["appeals"][0], "reason": "unsolved", "text": "第二天又不行了。"}
                await self._act(AGENT, "reopen", again)
            case "accepted":
                await self._on_order()
            case "at_centre":
                await self._on_case()

    async def _triage(self, issue: Json) -> None:
        if issue["question_id"] is not None:
            await self._act(SPECIALIST, f"questions/{issue['question_id']}/answer", {"text": "凭合同办理。"})
            return
        if issue["emergency"] is not None:
            await self._act(AGENT, "transfer", {"agency": issue["emergency"]})
            return
        match self.dice.choice("aaaaaaaabbcdefg"):
            case "a":
                await self._act(AGENT, "accept", self._content())
            case "b":
                await self._act(AGENT, "propose-decline", {"exclusion_code": "X0101"})
            case "c":
                answer = {"kind": "consultation", "item_code": "1904", "knowledge_id": "K001"}
                await self._act(AGENT, "answer", answer)
            case "d":
                await self._act(AGENT, "questions", {"item_code": "1904", "text": "由谁出具？"})
            case "e":
                class_ = self.dice.choice(["vent", "legal", "public_opinion", "livelihood"])
                content = {"content": self._content()} if class_ == "livelihood" else {}
                await self._act(AGENT, "online-class", {"online_class": class_, **content})
            case "f":
                await self._act(AGENT, "transfer", {"agency": "110"})
            case "g":
                await self._act(CLERK, "hand-to-centre", {"origin": "walk_in"})

    async def _beside(self, issue: Json) -> None:
        """People call again, join, leave, and are found to mean the same."""
        appeals = issue["appeals"]
        match self.dice.choice("abcde"):
            case "a":
                joining = {
                    key: value
                    for key, value in appeal(self.dice).items()
                    if key not in ("street_code", "division_code", "emergency")
                }
                await self._act(AGENT, "appeals", joining)
            case "b" if appeals:
                await self._act(AGENT, "follow-ups", {"appeal_id": appeals[0], "follow_up": "reminder"})
            case "c" if appeals:
                body = {"keep_for_safety": self.dice.random() < 0.3}
                await self._act(AGENT, f"appeals/{appeals[-1]}/withdraw", body)
            case "d":
                into = self.dice.choice(self.lives.issues)
                await self._act(AGENT, "merge", {"into": into, "evidence": "same_event", "text": "同一处。"})
            case "e":
                await self._act(AGENT, "emergency", {"emergency": self.dice.choice(["119", None])})

    async def _on_order(self) -> None:
        query = {"issue_id": self.id}
        page = await self.lives.ask("GET", SUPERVISOR, "router", "/v1/orders", params=query)
        orders = [order for order in (page or {"items": []})["items"] if order["status"] not in ("closed", "cancelled")]
        if not orders:
            return
        order, path = orders[0], f"/v1/orders/{orders[0]['id']}"
        if order["open_whistles"] and self.dice.random() < 0.6:
            await self._on_whistle(order["open_whistles"][0])
        elif order["requests"] and self.dice.random() < 0.6:
            await self._decide(order["requests"][0], path)
        elif self.dice.random() < 0.15:
            await self._anything({"order_id": order["id"]})
        else:
            await self._handle(order, path)

    async def _decide(self, request: Json, path: str) -> None:
        of_request = f"{path}/requests/{request['id']}"
        if request["binding"] or request["kind"] == "ruling":
            await self.lives.do(SUPERVISOR, "router", f"{of_request}/rule", {"unit": request["unit"]})
        else:
            who = DISPATCHER if request["kind"] == "return" else REVIEWER
            await self.lives.do(who, "router", f"{of_request}/{self.dice.choice(['approve', 'reject'])}")

    async def _handle(self, order: Json, path: str) -> None:
        do, dice = self.lives.do, self.dice
        match order["status"]:
            case "pending_dispatch":
                unit = dice.choice(["S150102001", "S150102002", "D15010026", "G150102"])
                await do(DISPATCHER, "router", f"{path}/dispatch", {"obligations": [{"unit": unit}]})
            case "close_review":
                passed = {"passed": True} if dice.random() < 0.7 else {"passed": False, "reason": "unsolved"}
                await do(REVIEWER, "router", f"{path}/review", passed)
            case "pending_revisit":
                await self._call_back(order)
            case "in_mediation":
                await self._on_case()
            case _:
                await self._duty(order, dice.choice(order["obligations"]), path)

    async def _duty(self, order: Json, duty: Json, path: str) -> None:
        """A unit does what comes next, or asks for something."""
        who, do = handler(duty["unit"]), self.lives.do
        recheck = (datetime.now(UTC) + timedelta(days=20)).isoformat()
        wrong_unit = {"reason": "not_our_duty", "unit": "D15010004", "text": "不属于本单位。"}
        match duty["step"], self.dice.choice("abcdefghhhhhhhhh"):
            case "to_sign", "a" | "b":
                await do(who, "router", f"{path}/return", wrong_unit)
            case "to_sign", _:
                await do(who, "router", f"{path}/sign")
            case "to_handle", "a":
                await do(who, "router", f"{path}/{self.dice.choice(['refer', 'refer-petition'])}")
            case "to_handle", "b":
                await do(who, "router", f"{path}/extension", {"reason": "works", "working_days": 1, "text": "需施工。"})
            case "to_handle", "c":
                held = {"reason": "season", "recheck_at": recheck, "text": "待开春。"}
                await do(who, "router", f"{path}/suspension", held)
            case "to_handle", "d":
                await do(who, "router", f"{path}/ruling", wrong_unit)
            case "to_handle", "e":
                await do(DISPATCHER, "router", f"{path}/reassign", {"unit": duty["unit"], "to": "S150102002"})
            case "to_handle", "f":
                called = {"kind": "citizen_appeal", "departments": ["D15010004", "D15010005"]}
                await do(who, "router", f"{path}/whistles", called)
            case "to_handle", "g":
                await do(DISPATCHER, "router", f"{path}/recall", {"reason": "wrong_unit"})
            case "to_handle", _:
                await do(who, "router", f"{path}/contact", {"visit": True})
                await do(who, "router", f"{path}/submit", {"text": f"已办理：{order['id']}。"})

    async def _on_whistle(self, whistle_id: str) -> None:
        path = f"/v1/whistles/{whistle_id}"
        whistle = await self.lives.ask("GET", SUPERVISOR, "router", path)
        if whistle is None or not whistle["departments"]:
            await self.lives.do(SUPERVISOR, "router", f"{path}/approve")
            return
        line, do = self.dice.choice(whistle["departments"]), self.lives.do
        match line["status"]:
            case "notified":
                await do(handler(line["unit"]), "router", f"{path}/acknowledge")
            case "acknowledged" | "contacted":
                await do(handler(line["unit"]), "router", f"{path}/report-in")
            case "reported_in" | "escalated":
                await do(handler(line["unit"]), "router", f"{path}/result", {"text": "已办。"})
            case "result":
                solved = self.dice.choice([0, 80])
                scores = {"reported_in_score": 100, "acted_score": 90, "solved_score": solved}
                await do(handler(whistle["street"]), "router", f"{path}/evaluate", {"unit": line["unit"], **scores})
            case _:
                await self._anything({"whistle_id": whistle_id})

    async def _call_back(self, order: Json) -> None:
        query = {"order_id": order["id"], "status": "open"}
        page = await self.lives.ask("GET", REVISITOR, "notify", "/v1/revisits", params=query)
        for revisit in (page or {"items": []})["items"]:
            resolution = self.dice.choice(["yes", "yes", "partly", "no"])
            answers = {"contacted": True, "in_time": True, "resolution": resolution, "satisfaction": "neutral"}
            answers |= {} if resolution == "yes" else {"reason_class": "unit_work"}
            await self.lives.do(REVISITOR, "notify", f"/v1/revisits/{revisit['id']}/record", answers)

    async def _on_case(self) -> None:
        """At the centre it is a dispute before mediators, or a petition that is carried for somebody."""
        for path, name in (("/v1/cases", "case_id"), ("/v1/petitions", "petition_id")):
            page = await self.lives.ask("GET", CLERK, "mediation", path, params={"issue_id": self.id})
            for found in (page or {"items": []})["items"]:
                await self._anything({name: found["id"]})

    async def _anything(self, ids: Json) -> None:
        """Any command that is about these, as its own example has it, by somebody whom no role stops."""
        about = [one for one in self.lives.operations if _is_about(one, set(ids))]
        if not about:
            return
        operation = self.dice.choice(about)
        body = operation.example() if operation.body else None
        if body and "appeal_id" in body and "appeal_id" in ids:
            body["appeal_id"] = ids["appeal_id"]
        await self.lives.do(EVERYBODY, operation.service, operation.fill(**ids), body)


def _is_about(operation: Operation, ids: set[str]) -> bool:
    named = {parameter["name"] for parameter in operation.parameters("path")}
    return operation.method == "POST" and bool(named) and named <= ids & WILD

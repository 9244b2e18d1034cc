"""综治中心: the clerk screens cases and asks the parties, mediators bring them together, the court confirms."""

from demo.appeals import Appeal, Route
from demo.client import Json
from demo.operators.office import Office, Operator, Queue
from demo.staff import CLERK, MEDIATORS
from demo.switchboard import CENTRE
from stack.tokens import Staff

REFUSED_ONE_IN = 6
FAILED_ONE_IN = 6
CONFIRMED_ONE_IN = 3
TO_PETITION_ONE_IN = 2  # of the mediations that failed
CITY_COMMITTEE, CITY_COURT = "M15010001", "F150100"
ZONE = "150172"  # 经开区 has no court of its own
RESPONDENTS = ("李示例", "周样本", "吴虚构", "郑演示")
AGREEMENT = {
    "form": "written",
    "parties": "申请人、被申请人双方，均为演示用虚构人员。",
    "facts": "双方因本诉求所述事项发生纠纷，责任已当面核实。",
    "contents": "被申请人整改并适当补偿，申请人不再就此事另行主张。",
    "performance": "分两期履行：先整改，后补偿，均由调解委员会监督。",
    "instalments": [{}, {}],
    "mediator_signed": True,
    "committee_sealed": True,
}


class Clerk(Operator):
    """窗口: screening, consent, assignment, guidance, court, performance, return visit and archive."""

    def __init__(self, office: Office) -> None:
        steps = {
            "archive": self._archive,
            "revisit": self._visit,
            "performance": self._oversee,
            "confirmation": self._rule,
            "guidance": self._guide,
            "assign": self._assign,
            "consent": self._ask,
            "screen": self._screen,
        }
        queues = {name: Queue("mediation", "/v1/cases", {"queue": name}, step) for name, step in steps.items()}
        super().__init__(office, CENTRE, CLERK, queues)

    async def _screen(self, case: Json, appeal: Appeal) -> None:
        """What is no dispute between citizens goes on as a petition."""
        if appeal.route is Route.PETITION_PROXY:
            await self._post(case, "refer-out", {"guidance": "petition_proxy", "reason": "not_civil"})
            return
        parties = [
            {"side": "applicant", "appeal_id": whose, "name": appeal.name, "contact": appeal.phone}
            for whose in case["appeals"]
        ]
        parties.append({"side": "respondent", "name": appeal.pick(RESPONDENTS, "respondent"), "contact": "13800009999"})
        await self._post(case, "screen", {"parties": parties})

    async def _ask(self, case: Json, appeal: Appeal) -> None:
        for party in case["parties"]:
            refuses = party["side"] == "respondent" and appeal.one_in(REFUSED_ONE_IN, "refused")
            consent = {"party_id": party["party_id"], "agreed": not refuses}
            await self._post(case, "consents", consent, party["party_id"])

    async def _assign(self, case: Json, appeal: Appeal) -> None:
        mediator = appeal.pick(MEDIATORS, "mediator")
        committee = f"M{appeal.street_code[:6]}" if appeal.street_code else CITY_COMMITTEE
        await self._post(case, "assign-mediator", {"mediator_id": mediator.id, "committee": committee})

    async def _guide(self, case: Json, appeal: Appeal) -> None:
        guidance = "petition_proxy" if appeal.one_in(TO_PETITION_ONE_IN, "petition") else "court"
        await self._post(case, "guidance", {"guidance": guidance})

    async def _oversee(self, case: Json, appeal: Appeal) -> None:
        if case["confirmation"] == "none" and appeal.one_in(CONFIRMED_ONE_IN, "confirmed"):
            county = (appeal.street_code or ZONE)[:6]
            request = {
                "parties": [party["party_id"] for party in case["parties"]],
                "court": CITY_COURT if county == ZONE else f"F{county}",
                "matter_excluded": False,
            }
            await self._post(case, "confirmation-request", request)
            return
        for instalment in case["instalments"]:
            if not instalment["performed"]:
                await self._post(case, f"instalments/{instalment['number']}/performed", {})

    async def _rule(self, case: Json, appeal: Appeal) -> None:
        await self._post(case, "court/acceptance", {})
        await self._post(case, "ruling", {"confirmed": True})

    async def _visit(self, case: Json, appeal: Appeal) -> None:
        await self._post(case, "return-visit", {"outcome": "settled", "note": "双方均表示纠纷已平息。"})

    async def _archive(self, case: Json, appeal: Appeal) -> None:
        await self._post(case, "archive", {})

    async def _post(self, case: Json, step: str, body: Json, which: str = "") -> None:
        path = f"/v1/cases/{case['id']}/{step}"
        await self.api.post(CLERK, "mediation", path, body, f"{step}/{case['id']}/{which}")


class Mediator(Operator):
    """调解员: two sessions, then an agreement or none."""

    def __init__(self, office: Office, who: Staff) -> None:
        queue = Queue("mediation", "/v1/cases", {"queue": "mediation"}, self._mediate)
        super().__init__(office, who.id, who, {"mediation": queue})

    async def _mediate(self, case: Json, appeal: Appeal) -> None:
        for number in (1, 2):
            notes = f"第{number}次调解：双方到场，陈述意见。"
            came = [party["party_id"] for party in case["parties"]]
            await self._post(case, "sessions", {"number": number, "notes": notes, "attended": came}, str(number))
        if appeal.one_in(FAILED_ONE_IN, "fails"):
            await self._post(case, "failure", {})
        else:
            hands = [{"party_id": party["party_id"], "way": "signature"} for party in case["parties"]]
            await self._post(case, "agreement", AGREEMENT | {"signatures": hands})

    async def _post(self, case: Json, step: str, body: Json, which: str = "") -> None:
        path = f"/v1/cases/{case['id']}/{step}"
        await self.api.post(self._who, "mediation", path, body, f"{step}/{case['id']}/{which}")

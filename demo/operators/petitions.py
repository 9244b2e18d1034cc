"""信访代办: the window has it signed for and asks the citizen at the end; a proxy carries it there and back."""

from demo.appeals import Appeal
from demo.client import Json
from demo.operators.office import Office, Operator, Queue
from demo.staff import CLERK, PROXY
from demo.switchboard import PETITION_DESK

LOCALLY_ONE_IN = 3
OFFICE, AUTHORITY = "D15010201", "D15010202"


class PetitionDesk(Operator):
    """窗口: signed, registered, given to a proxy; asked after and archived once the proxy has told the citizen."""

    def __init__(self, office: Office) -> None:
        queue = Queue("mediation", "/v1/petition-queues/petition_desk", {}, self._step)
        super().__init__(office, PETITION_DESK, CLERK, {"petition_desk": queue})

    async def _step(self, petition: Json, appeal: Appeal) -> None:
        if petition["status"] in {"feedback", "revisited"}:
            await self._post(petition, "revisit", {"accepts": True})
            await self._post(petition, "archive", {})
            return
        authorisation = {
            "petitioner": appeal.name,
            "contact": appeal.phone,
            "matters": "就本诉求所述事项代为提出信访并跟踪办理。",
            "powers": "代为递交材料、接收告知和答复。",
        }
        await self._post(petition, "authorisation", authorisation)
        await self._post(petition, "register", {})
        await self._post(petition, "proxy", {"proxy_id": PROXY.id, "responsible_id": CLERK.id})

    async def _post(self, petition: Json, step: str, body: Json) -> None:
        path = f"/v1/petitions/{petition['id']}/{step}"
        await self.api.post(CLERK, "mediation", path, body, f"{step}/{petition['id']}")


class Proxy(Operator):
    """代办员: settles some where they arose, and takes the others to the authority that is competent."""

    def __init__(self, office: Office) -> None:
        queue = Queue("mediation", "/v1/petition-queues/petition_proxy", {}, self._carry)
        waiting = Queue("mediation", "/v1/petition-queues/petition_authority", {}, self._carry)
        super().__init__(office, PROXY.id, PROXY, {"petition_proxy": queue, "petition_authority": waiting})

    async def _carry(self, petition: Json, appeal: Appeal) -> None:
        """From wherever it stands to the feedback: authorities of a demo answer at once."""
        opinion = {"outcome": "supported", "reference": "演示-1号", "text": "请求符合规定，予以支持，已督促落实。"}
        told: tuple[str, Json] = ("feedback", {"text": "已将办理结果当面告知信访人。"})
        authority: list[tuple[str, str, Json]] = [
            ("assigned", "submit", {"office": OFFICE}),
            ("submitted", "route", {"authority": AUTHORITY}),
            ("routed", "acceptance", {}),
            ("accepted", "handling", {}),
            ("handling", "opinion", opinion),
        ]
        if petition["status"] == "assigned" and appeal.one_in(LOCALLY_ONE_IN, "locally"):
            await self._post(petition, "local-result", {"text": "已协调有关单位就地解决，信访人认可。"})
            await self._post(petition, *told)
            return
        done = [status for status, _, _ in authority]
        first = done.index(petition["status"]) if petition["status"] in done else len(done)
        for _, step, body in authority[first:]:
            await self._post(petition, step, body)
        await self._post(petition, *told)

    async def _post(self, petition: Json, step: str, body: Json) -> None:
        path = f"/v1/petitions/{petition['id']}/{step}"
        await self.api.post(PROXY, "mediation", path, body, f"{step}/{petition['id']}")

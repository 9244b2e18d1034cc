"""Routes that show the reference data in force: 派单目录, 不受理清单, 知识库."""

from collections.abc import Iterable
from typing import Annotated, Generic, TypeVar

from fastapi import APIRouter, Query
from pydantic import BaseModel

from chassis.security import Actor, actor_with
from contracts.codes import ItemCode
from services.intake.knowledge_search import search
from services.intake.reference_checks import Reference
from services.intake.reference_data import Exclusion, Item, Knowledge

T = TypeVar("T", Item, Exclusion, Knowledge)
Anybody = Annotated[Actor, actor_with()]
Words = Annotated[str | None, Query(max_length=200, description="关键词，以空格分隔，须全部出现；知识库也可写整句")]


class Listing(BaseModel, Generic[T]):
    """A whole list and the version it belongs to."""

    version: str
    items: list[T]


class ReferenceReading:
    """Lists of a few hundred rows, in one piece."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self.router = APIRouter(prefix="/v1", tags=["reference"])
        self.router.add_api_route("/catalogue", self.list_catalogue, methods=["GET"], summary="派单目录")
        self.router.add_api_route("/exclusions", self.list_exclusions, methods=["GET"], summary="不受理清单")
        self.router.add_api_route("/knowledge", self.search_knowledge, methods=["GET"], summary="知识库检索")

    async def list_catalogue(self, _: Anybody, q: Words = None) -> Listing[Item]:
        """Items whose names or keywords hold every word of ``q``."""
        items = self._reference.snapshot.items.values()
        found = [item for item in items if _holds((item.category_zh, item.item_zh, *item.keywords), q)]
        return Listing(version=self._reference.snapshot.version, items=found)

    async def list_exclusions(self, _: Anybody, q: Words = None) -> Listing[Exclusion]:
        """What the hotline does not take on, and where to go instead."""
        items = self._reference.snapshot.exclusions.values()
        found = [item for item in items if _holds((item.category_zh, item.item_zh, *item.keywords), q)]
        return Listing(version=self._reference.snapshot.version, items=found)

    async def search_knowledge(
        self, _: Anybody, q: Words = None, item_code: ItemCode | None = None
    ) -> Listing[Knowledge]:
        """Answers to questions that hold every word of ``q``; if none does, those most like it, in their order."""
        entries = self._reference.snapshot.knowledge.values()
        of_item = [entry for entry in entries if item_code in (None, entry.item_code)]
        return Listing(version=self._reference.snapshot.version, items=search(of_item, q or ""))


def _holds(texts: Iterable[str], words: str | None) -> bool:
    text = "\n".join(texts)
    return all(word in text for word in (words or "").split())

"""Codes that people send, against the reference data in force."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from chassis.errors import Invalid, Unavailable
from chassis.reference import ReferenceMissing
from services.intake.reference_data import Exclusion, IntakeReference, Item, Knowledge

T = TypeVar("T")

UNKNOWN_CODES = {
    "issue.unknown_item": "派单目录中没有这个事项。",
    "issue.unknown_street": "没有这个街道代码；不知道则留空。",
    "issue.bad_place": "社区代码为街道 9 位加 3 位，网格代码为社区 12 位加 3 位，所加的不能是 000。",
    "issue.place_of_other_street": "社区或网格代码不在所写的街道内。",
    "issue.unknown_exclusion": "不受理清单中没有这个条目。",
    "issue.unknown_knowledge": "知识库中没有这个条目。",
}


class Reference:
    """The snapshot in force; raises the problem 422 with the field's name for a code that is not in it.

    503 ``service.unavailable`` while no reference data is loaded.
    """

    def __init__(self, current: Callable[[], IntakeReference]) -> None:
        self._current = current

    @property
    def snapshot(self) -> IntakeReference:
        """All of it."""
        try:
            return self._current()
        except ReferenceMissing:
            raise Unavailable(retry_after=5) from None

    def item(self, code: str) -> Item:
        """派单目录 item."""
        return _known(self.snapshot.items, code, "item_code", "issue.unknown_item")

    def exclusion(self, code: str) -> Exclusion:
        """不受理清单 item."""
        return _known(self.snapshot.exclusions, code, "exclusion_code", "issue.unknown_exclusion")

    def knowledge(self, id_: str) -> Knowledge:
        """知识库 entry."""
        return _known(self.snapshot.knowledge, id_, "knowledge_id", "issue.unknown_knowledge")

    def check_street(self, code: str | None) -> None:
        """街道; None is allowed: nobody knows yet."""
        if code is not None:
            _known(self.snapshot.streets, code, "street_code", "issue.unknown_street")

    def street_of(self, street_code: str | None, division_code: str | None, field: str = "division_code") -> str | None:
        """The street, as it was told or as the code of a community 社区 or grid 网格 in it says; None: nobody knows.

        Which communities and grids there are is not published as data: their codes are checked by how they are made.
        Raises 422 ``issue.unknown_street``, ``issue.bad_place`` or ``issue.place_of_other_street``.
        """
        if division_code is None:
            self.check_street(street_code)
            return street_code
        street = _known(self.snapshot.streets, division_code[:9], field, "issue.unknown_street").code
        if "000" in (division_code[9:12], division_code[12:15]):
            raise _refused(field, "issue.bad_place")
        if street_code not in (None, street):
            raise _refused(field, "issue.place_of_other_street")
        return street


def _refused(field: str, problem: str) -> Invalid:
    return Invalid(field, problem, UNKNOWN_CODES[problem], code=problem)


def _known(entries: Mapping[str, T], code: str, field: str, problem: str) -> T:
    try:
        return entries[code]
    except KeyError:
        raise Invalid(field, problem, UNKNOWN_CODES[problem], code=problem) from None

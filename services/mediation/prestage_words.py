"""The words of pre-stages 前置化解 that are tried before a mediation. Rules: ``case_prestage.py``."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.mediation.staff import Staff


class Prestage(StrEnum):
    """前置化解 [P]."""

    TRIANGLE = "triangle"  # 铁三角: community, owners' committee and property company settle first
    DELIBERATION = "deliberation"  # 议事协商, in six steps


class Participant(StrEnum):
    """参与单位 of a pre-stage, as a kind; who came is a private text."""

    COMMUNITY = "community"  # 社区
    OWNERS_COMMITTEE = "owners_committee"  # 业主委员会
    PROPERTY_COMPANY = "property_company"  # 物业企业
    RESIDENTS = "residents"  # 居民代表
    OFFICE = "office"  # 职能部门


class Step(StrEnum):
    """议事协商六步 [P], in their order."""

    COLLECT = "collect"  # 收集议题
    DECIDE = "decide"  # 确定议题
    DELIBERATE = "deliberate"  # 开展协商
    PUBLISH = "publish"  # 公示结果
    CARRY_OUT = "carry_out"  # 组织实施
    EVALUATE = "evaluate"  # 评价反馈


class Result(StrEnum):
    """How a pre-stage ended."""

    SETTLED = "settled"  # 化解
    PASSED_ON = "passed_on"  # 未化解，转入调解


@dataclass(frozen=True)
class Tried:
    """A pre-stage that runs or ran. ``steps``: what was done, with its time, in order."""

    kind: Prestage
    participants: tuple[Participant, ...]
    steps: tuple[tuple[Step, datetime], ...] = ()
    result: Result | None = None

    @property
    def next_step(self) -> Step | None:
        """The step that is due; None when all six are done, or there are none."""
        left = list(Step)[len(self.steps) :] if self.kind is Prestage.DELIBERATION else []
        return left[0] if left else None


@dataclass(frozen=True, slots=True)
class BeginPrestage:
    """开始前置化解."""

    kind: Prestage
    participants: tuple[Participant, ...]
    by: Staff


@dataclass(frozen=True, slots=True)
class RecordStep:
    """议事协商的一步, with the time at which it was; what was said is a private text."""

    step: Step
    held_at: datetime
    by: Staff


@dataclass(frozen=True, slots=True)
class EndPrestage:
    """前置化解结束: settled, or passed on to mediation."""

    settled: bool
    by: Staff


AboutPrestage = BeginPrestage | RecordStep | EndPrestage

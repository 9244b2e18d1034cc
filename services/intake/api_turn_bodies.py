"""Request bodies of an issue's turns: specialists, objections, withdrawals, reopening, merging."""

from pydantic import Field, StrictBool
from pydantic.config import JsonDict

from chassis.requests import Body, LongText
from contracts.codes import Agency, Id, IssueKind, ItemCode, Urgency
from services.intake.api_bodies import StreetCode, example
from services.intake.issue_model import Evidence, OnlineClass, ReopenReason

_CONTENT: JsonDict = {"kind": "complaint", "item_code": "0101", "street_code": "150105004", "urgency": "normal"}
_APPEAL = "01900000-0000-7000-8000-000000000001"


class ContentBody(Body):
    """受理的内容."""

    model_config = example(**_CONTENT)

    kind: IssueKind
    item_code: ItemCode = Field(description="派单目录事项")
    street_code: StreetCode | None = Field(description="街道代码；不知道则为 null")
    urgency: Urgency | None = Field(default=None, description="紧急程度；省略则按派单目录")


class EmergencyBody(Body):
    """研判突发."""

    model_config = example(emergency="119")

    emergency: Agency | None = Field(description="应转接的部门；不属突发则为 null")


class QuestionBody(Body):
    """请政策专员."""

    model_config = example(item_code="1904", text="居住证明由派出所还是社区出具？")

    item_code: ItemCode = Field(description="派单目录事项")
    text: LongText = Field(description="要问的问题")


class SpecialistAnswerBody(Body):
    """政策专员答复."""

    model_config = example(text="凭租赁合同到居住地派出所办理居住登记。")

    text: LongText = Field(description="答复")


class OnlineClassBody(Body):
    """网上分类."""

    model_config = example(online_class="livelihood", content=_CONTENT)

    online_class: OnlineClass = Field(description="泄愤 vent、涉法 legal、舆情 public_opinion、民生 livelihood")
    content: ContentBody | None = Field(default=None, description="民生须填：按此受理")


class ObjectionBody(Body):
    """对不予受理提出异议."""

    model_config = example(appeal_id=_APPEAL, text="这件事法院没有受理，请再看一看。")

    appeal_id: Id
    text: LongText = Field(description="异议理由")


class WithdrawBody(Body):
    """撤回诉求."""

    model_config = example(keep_for_safety=False)

    keep_for_safety: StrictBool = Field(default=False, description="涉及公共安全，工单继续办理")


class ReopenBody(Body):
    """重新打开."""

    model_config = example(appeal_id=_APPEAL, reason="unsolved", text="第二天又不热了。")

    appeal_id: Id
    reason: ReopenReason = Field(description="未解决 unsolved、反复 recurred、答非所问 unanswered、未联系上 unreached")
    text: LongText = Field(description="诉求人怎么说")
    content: ContentBody | None = Field(default=None, description="直接答复过的可改按此受理；网上分类为泄愤的须填")


class MergeBody(Body):
    """合并到另一事项."""

    model_config = example(
        into="01900000-0000-7000-8000-000000000002",
        evidence="same_event",
        text="同一小区同时停热，两人说的是一件事。",
    )

    into: Id = Field(description="继续办理的事项")
    evidence: Evidence = Field(
        description="同地同时 same_place_and_time、同一事件 same_event、同一对象 same_object、诉求人自述 told_by_caller"
    )
    text: LongText = Field(description="依据")


class UnmergeBody(Body):
    """撤销合并."""

    model_config = example(content=_CONTENT)

    content: ContentBody | None = Field(default=None, description="合并前没有受理过的须填：按此受理")

"""``python -m services.intake classify``: how good the classification is; needs neither database nor broker."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from chassis.limits import Limits, load_limits
from services.intake import reference_tables
from services.intake.classify.decision import Classifier, Thresholds
from services.intake.classify.evaluate import Appeal, figures, judge
from services.intake.classify.incidents import Rule
from services.intake.classify.model import Model
from services.intake.reference_data import IntakeReference

LIMITS = Path(__file__).parents[1] / "limits.toml"


def thresholds(limits: Limits) -> Thresholds:
    """What ``limits.toml`` says of classification."""
    return Thresholds(limits.ratio("auto_accept"), limits.ratio("propose_decline"), limits.ratio("doubtful_emergency"))


def incident_rule(limits: Limits) -> Rule:
    """What ``limits.toml`` says of 同一事件."""
    return Rule(limits.count("incident_hours"), limits.ratio("same_incident"))


def carried_reference() -> IntakeReference:
    """The reference data that the project carries, without a database."""
    return reference_tables.build("carried", reference_tables.read(reference_tables.DIRECTORY))


def read_appeals(path: Path) -> list[Appeal]:
    """The appeals in a file of JSON lines. Raises ``OSError``, or ``ValueError`` naming the line."""
    appeals = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                appeals.append(Appeal.model_validate_json(line))
            except ValidationError as error:
                first = error.errors(include_input=False)[0]
                where = ".".join(str(part) for part in first["loc"])
                raise ValueError(f"{path.name}:{number}: {where}: {first['msg']}") from None
    return appeals


def add_classify(app: typer.Typer) -> None:
    """Give intake's command line ``classify --evaluate FILE [--json] [--misses]``."""

    @app.command("classify")
    def classify(
        evaluate: Annotated[Path, typer.Option(help="JSON Lines 文件，格式同 demo/appeals.jsonl")],
        as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
        misses: Annotated[bool, typer.Option(help="列出归错的诉求编号，不含内容")] = False,
    ) -> None:
        """用带有应有处理的诉求检验归类；不需要数据库。"""
        try:
            appeals = read_appeals(evaluate)
        except (OSError, ValueError) as error:
            sys.stderr.write(f"{error}\n")
            raise typer.Exit(2) from None
        limits, reference = load_limits(LIMITS), carried_reference()
        classifier = Classifier(Model.load(), reference, thresholds(limits))
        judged = judge(appeals, classifier, incident_rule(limits))
        found = figures(judged, reference.items)
        if as_json:
            sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
        else:
            for name, value in found.items():
                sys.stdout.write(f"{name:26s} {'—' if value is None else round(value, 3)}\n")
        if misses:
            for one in judged:
                proposed = [guess.code for guess in one.assessment.guesses]
                if one.appeal.expected.item_code not in proposed[:1]:
                    sys.stdout.write(f"{one.appeal.id} {one.appeal.expected.item_code} {' '.join(proposed)}\n")

"""Every refusal of mediation can be looked up."""

import re
from pathlib import Path

from services import mediation
from services.mediation.mediators import MEDIATOR_PROBLEMS
from services.mediation.petition_problems import PETITION_PROBLEMS
from services.mediation.problems import CASE_PROBLEMS

CODE = re.compile(r'Rejected\(\s*"([^"]+)"')


def test_codes_are_documented_and_used() -> None:
    sources = Path(mediation.__file__).parent.glob("*.py")
    assert {code for source in sources for code in CODE.findall(source.read_text("utf-8"))} == set(
        CASE_PROBLEMS | MEDIATOR_PROBLEMS | PETITION_PROBLEMS
    )

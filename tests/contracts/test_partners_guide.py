"""The program in docs/partners.md is run, on records as the services write them."""

import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest
from cloudevents.core.v1.event import CloudEvent
from jsonschema import ValidationError

from contracts.envelope import encode
from contracts.topics import TOPICS
from tests.contracts.test_envelope import ENVELOPE, EVENT

GUIDE = (Path(__file__).parents[2] / "docs" / "partners.md").read_text("utf-8")
Handle = Callable[[bytes, bytes, list[tuple[str, bytes]]], CloudEvent | None]


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Handle:
    """Return the guide's function, in a program that has read nothing yet."""
    found = re.search(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    monkeypatch.setenv("SCHEMAS", str(Path(__file__).parents[2] / "contracts" / "schemas"))
    program = tmp_path / "partner.py"
    program.write_text(found[1], "utf-8")
    function: Handle = runpy.run_path(str(program))["handle"]
    return function


def test_it_reads_each_event_once_and_in_order(handle: Handle) -> None:
    first, second, third = (encode(ENVELOPE._replace(sequence=sequence)) for sequence in (1, 2, 3))
    event = handle(*first)
    assert event is not None
    assert event.get_data() == EVENT.model_dump(mode="json")
    assert handle(*first) is None
    with pytest.raises(RuntimeError, match="2 is missing"):
        handle(*third)
    assert handle(*second) is not None
    assert handle(*third) is not None


def test_it_refuses_what_its_schema_refuses(handle: Handle) -> None:
    with pytest.raises(ValidationError):
        handle(*encode(ENVELOPE._replace(sequence=1, data=b'{"agency": "114", "by": "A10086"}')))


def test_it_passes_over_a_type_that_it_does_not_know(handle: Handle) -> None:
    assert handle(*encode(ENVELOPE._replace(sequence=1, type="qingcheng.intake.issue.invented.v1"))) is None
    assert handle(*encode(ENVELOPE._replace(sequence=2))) is not None


def test_the_guide_names_every_topic() -> None:
    assert re.findall(r"^\| `([a-z.]+)` \| `([a-z]+)/<id>`", GUIDE, re.MULTILINE) == [
        (topic.name, topic.aggregate) for topic in TOPICS.values()
    ]

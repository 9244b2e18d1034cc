"""Revisions of a database are one line: two with the same name, or two ends, would leave out what one of them does."""

from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from chassis.schema import CHASSIS_REVISIONS
from stack.fleet import SERVICES

SERVICE_REVISIONS = {name: Path(__file__).parents[2] / "services" / name / "migrations" for name in SERVICES}


@pytest.mark.parametrize("service", SERVICES)
def test_a_services_revisions_are_one_line(service: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(CHASSIS_REVISIONS.parent))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{CHASSIS_REVISIONS}\n{SERVICE_REVISIONS[service]}")
    script = ScriptDirectory.from_config(config)
    revisions = list(script.walk_revisions())  # a name that is there twice is a warning, which fails
    ours = [found for found in revisions if Path(found.path).parent == SERVICE_REVISIONS[service]]
    assert len(ours) == len([path for path in SERVICE_REVISIONS[service].glob("*.py") if path.stem != "__init__"])
    assert len(script.get_heads()) == 2  # the chassis's and the service's


@pytest.mark.parametrize("service", SERVICES)
def test_revisions_are_numbered_in_their_order(service: str) -> None:
    numbers = sorted(path.stem.split("_")[0] for path in SERVICE_REVISIONS[service].glob("*.py") if path.stem[0] != "_")
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]

"""Services share no code, so a file that two of them read exists twice; the copies must not drift apart."""

from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "services"


@pytest.mark.parametrize("name", ["catalogue.csv", "exclusions.csv", "streets.csv", "units.csv"])
def test_both_services_carry_the_same_file(name: str) -> None:
    router, intake = (SERVICES / service / "reference" / name for service in ("router", "intake"))
    assert router.read_bytes() == intake.read_bytes()

"""The reference files that the project carries are good; broken ones say file, line, column and rule."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from chassis.reference import Tables
from chassis.tables import BadTable
from services.intake import reference_tables as intake
from services.router import reference_tables as router


@pytest.fixture
def router_files(tmp_path: Path) -> Path:
    return Path(shutil.copytree(router.DIRECTORY, tmp_path / "router"))


@pytest.fixture
def intake_files(tmp_path: Path) -> Path:
    return Path(shutil.copytree(intake.DIRECTORY, tmp_path / "intake"))


def faults(directory: Path, read: Callable[[Path], Tables], build: Callable[[str, Tables], object]) -> list[str]:
    with pytest.raises(BadTable) as caught:
        build("test", read(directory))
    return [str(fault) for fault in caught.value.faults]


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_router_carries_what_its_readme_says() -> None:
    reference = router.build("test", router.read(router.DIRECTORY))
    assert (len(reference.items), len(reference.units), len(reference.streets)) == (149, 231, 99)
    leak = reference.items["0105"]
    assert (leak.urgency, leak.contact_hours, leak.limit_working_days) == ("emergency", 1, 1)
    assert leak.keywords[0] == "煤气味"
    assert reference.units["S150105004"].parent_code == "G150105"
    assert not reference.units["F150102"].can_hold_orders


def test_intake_carries_what_its_readme_says() -> None:
    reference = intake.build("test", intake.read(intake.DIRECTORY))
    counts = [len(part) for part in (reference.items, reference.exclusions, reference.knowledge, reference.streets)]
    assert counts == [149, 37, 40, 99]
    units = router.build("test", router.read(router.DIRECTORY)).units
    assert {code: unit.name_zh for code, unit in reference.units.items()} == {
        code: unit.name_zh for code, unit in units.items()
    }
    assert "110" in reference.exclusions["X0802"].redirect


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("catalogue.csv", "0101,", "101,", "catalogue.csv, line 2, column code: String should match pattern"),
        (
            "catalogue.csv",
            ",urgent,4,2,",
            ",soon,4,2,",
            "catalogue.csv, line 2, column urgency: Input should be 'normal'",
        ),
        (
            "catalogue.csv",
            ",urgent,4,2,",
            ",urgent,4,0,",
            "catalogue.csv, line 2, column limit_working_days: Input should",
        ),
        (
            "catalogue.csv",
            ",urgent,4,2,",
            ",urgent,4,two,",
            "column limit_working_days: Input should be a valid integer",
        ),
        ("catalogue.csv", ",sector,E15010001", ",nobody,E15010001", "line 2, column lead: Input should be 'locality'"),
        ("catalogue.csv", "E15010001", "E15019999", "column sector_unit: there is no unit that can hold orders"),
        ("catalogue.csv", "E15010001", "F150102", "column sector_unit: there is no unit that can hold orders"),
        ("catalogue.csv", "0102,", "0101,", "catalogue.csv, line 3, column code: '0101' stands on line 2 already"),
        ("catalogue.csv", "urgency", "urgence", "catalogue.csv, line 1, column urgency: the column is missing"),
        ("catalogue.csv", "urgency", "urgence", "catalogue.csv, line 1, column urgence: unknown column"),
        ("catalogue.csv", "0101,", "0101,,", "catalogue.csv, line 2: 15 values where 14 are expected"),
        ("catalogue.csv", "0101,", '"0101,', "catalogue.csv, line 2: not CSV"),
        ("catalogue.csv", "室温不达标", "室温\0不达标", "catalogue.csv, line 2: holds a NUL character"),
        (
            "catalogue.csv",
            "室温不达标",
            "室温" * 60,
            "catalogue.csv, line 2, column item_zh: String should have at most 100",
        ),
        ("units.csv", "city,department", "town,department", "units.csv, line 2, column level: Input should be 'city'"),
        ("units.csv", "150100,D15010001", "150100,D15019999", "column parent_code: there is no unit with the code"),
        ("streets.csv", "150102001", "150102999", "streets.csv, line 1, column code: units.csv has no unit S150102999"),
        ("streets.csv", "150102001", "15010200", "streets.csv, line 1, column code: String should match pattern"),
    ],
)
def test_a_bad_router_file_says_what_is_wrong(router_files: Path, file: str, old: str, new: str, fault: str) -> None:
    replace(router_files / file, old, new)
    assert any(fault in found for found in faults(router_files, router.read, router.build))


def test_intake_needs_no_names_of_units(intake_files: Path) -> None:
    """Files, and versions in a database, from before it had them still load."""
    (intake_files / "units.csv").unlink()
    assert intake.build("test", intake.read(intake_files)).units == {}


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("units.csv", "D15010001,", "150100,", "units.csv, line 2, column code: String should match pattern"),
        ("exclusions.csv", "X0101", "0101", "exclusions.csv, line 2, column code: String should match pattern"),
        (
            "exclusions.csv",
            "向承办法院的诉讼服务中心查询，可拨12368",
            "",
            "column redirect: String should have at least 1",
        ),
        (
            "knowledge.jsonl",
            '"item_code": "1904"',
            '"item_code": "9999"',
            "line 1, column item_code: there is no catalogue",
        ),
        ("knowledge.jsonl", '"item_code": "1904"', '"item_code": 1904', "line 1, column item_code: must be plain text"),
        ("knowledge.jsonl", '"K001"', '"K\\u0000"', "knowledge.jsonl, line 1, column id: must be plain text"),
        ("knowledge.jsonl", '"id": "K002", ', "", "knowledge.jsonl, line 2, column id: Field required"),
        ("knowledge.jsonl", "{", "", "knowledge.jsonl, line 1: not JSON"),
        ("knowledge.jsonl", '{"id": "K001"', '[]\n{"id": "K001"', "knowledge.jsonl, line 1: must be an object"),
    ],
)
def test_a_bad_intake_file_says_what_is_wrong(intake_files: Path, file: str, old: str, new: str, fault: str) -> None:
    replace(intake_files / file, old, new)
    assert any(fault in found for found in faults(intake_files, intake.read, intake.build))


def test_every_fault_is_found_at_once(router_files: Path) -> None:
    replace(router_files / "catalogue.csv", ",urgent,4,2,", ",soon,-4,2,")
    replace(router_files / "units.csv", "city,department", "town,department")
    found = faults(router_files, router.read, router.build)
    assert [fault.split(": ")[0] for fault in found] == [
        "catalogue.csv, line 2, column urgency",
        "catalogue.csv, line 2, column contact_hours",
        "units.csv, line 2, column level",
    ]


def test_a_file_that_is_missing_empty_or_not_utf8_is_named(router_files: Path) -> None:
    catalogue = router_files / "catalogue.csv"
    content = catalogue.read_bytes()
    catalogue.write_bytes(content + "室温".encode("gbk"))
    assert faults(router_files, router.read, router.build) == ["catalogue.csv, line 151: not UTF-8"]
    catalogue.write_bytes(content.splitlines()[0])
    assert "catalogue.csv, line 1: the table has no rows" in faults(router_files, router.read, router.build)
    catalogue.unlink()
    assert faults(router_files, router.read, router.build) == [
        "catalogue.csv, line 1: cannot be read: No such file or directory"
    ]


def test_a_spreadsheets_byte_order_mark_is_no_fault(router_files: Path) -> None:
    catalogue = router_files / "catalogue.csv"
    catalogue.write_bytes(b"\xef\xbb\xbf" + catalogue.read_bytes())
    assert len(router.build("test", router.read(router_files)).items) == 149


def test_a_long_list_of_faults_is_cut_with_a_count(router_files: Path) -> None:
    catalogue = router_files / "catalogue.csv"
    catalogue.write_text(catalogue.read_text(encoding="utf-8").replace("150100", "150199"), encoding="utf-8")
    with pytest.raises(BadTable, match=r"… and \d+ more"):
        router.build("test", router.read(router_files))

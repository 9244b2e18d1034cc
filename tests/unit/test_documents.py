"""What the documents name exists: files, make targets, modules, metrics, log events, variables, codes, links."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from contracts.topics import EVENT_TYPES, TOPICS
from services.intake.settings import IntakeSettings
from services.mediation.settings import MediationSettings
from services.notify.settings import NotifySettings
from services.router.settings import RouterSettings
from tests.e2e.authorisation import ROLES, TABLE

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").rglob("*.md"))]
PRODUCT = ("contracts", "chassis", "services", "stack", "demo", "chaos", "model", "bench", "load")
FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
ROUTE = re.compile(r"(?:GET|POST) /v1[^\s`?]*")
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")
FILE_NAME = re.compile(r"[\w*.-]+\.(py|md|toml|json|yaml|csv|txt)")
NAME = re.compile(r"[a-z]+(?:[_.][a-z0-9]+)+|[A-Z][A-Z0-9_]{3,}")
"""What reads like a name of ours: a metric, a log event, a code, a column, an event, a variable."""


@cache
def made_at_run_time() -> tuple[str, ...]:
    """Folders that git ignores: what documents name there exists only after a start."""
    lines = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    return tuple(line for line in lines if line.endswith("/"))


@cache
def words() -> frozenset[str]:
    """Every name in the product's own files, and what is put together out of parts: variables and short event names."""
    files = [path for folder in PRODUCT for kind in ("py", "toml") for path in (ROOT / folder).rglob(f"*.{kind}")]
    found = {word for path in files for word in re.findall(r"[\w.]+", path.read_text("utf-8"))}
    found |= {part for word in found for part in word.split(".")}
    for settings in (IntakeSettings, NotifySettings):
        found |= {name.upper() for name in settings.model_fields}
    found |= {".".join(type_.split(".")[2:4]) for type_ in EVENT_TYPES}
    return frozenset(found)


@cache
def targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def is_there(path: str) -> bool:
    """Whether ``path`` (below the root) or, without a folder, anything of that name exists."""
    if path.startswith(made_at_run_time()) or f"{path}/" in made_at_run_time():
        return True
    path = path.rstrip("/")
    if "/" not in path:
        return any(any((ROOT / folder).rglob(path)) for folder in (*PRODUCT, "docs")) or (ROOT / path).exists()
    return (ROOT / path).exists()


def is_test(name: str) -> bool:
    """Whether there is this test, as pytest names it."""
    path, _, test = name.partition("::")
    return (ROOT / path).is_file() and f"def {test}(" in (ROOT / path).read_text("utf-8")


def wrong_names(text: str) -> set[str]:
    """The names in code spans of ``text`` that nothing has."""
    wrong: set[str] = set()
    for span in CODE.findall(FENCED.sub("", text)):
        name = span.partition("{")[0] if span.startswith("qingcheng_") else span
        if "::" in name:
            wrong |= set() if is_test(name) else {span}
        elif FILE_NAME.fullmatch(name) or ("/" in name and not re.search(r"^/|[ :{<]", name)):
            wrong |= set() if is_there(name) else {span}
        elif NAME.fullmatch(name) and name not in words():
            wrong.add(span)
    return wrong


def test_names_that_nothing_has_are_found() -> None:
    real = ("qingcheng_dead_letters{reason}", "relay.leads", "order.closed", "STACK", "chassis/relay.py", ".stack/logs")
    assert wrong_names(" ".join(f"`{name}`" for name in real)) == set()
    assert wrong_names("`tests/unit/test_documents.py::is_there`") == set()
    invented = {
        "qingcheng_invented",
        "relay.invented",
        "order.invented",
        "INVENTED",
        "chassis/invented.py",
        "invented.py",
        "tests/unit/test_documents.py::invented",
    }
    assert wrong_names(" ".join(f"`{name}`" for name in invented)) == invented


def test_every_variable_that_a_service_reads_is_named() -> None:
    text = (ROOT / "docs/configuration.md").read_text("utf-8")
    read = {
        field.upper()
        for settings in (IntakeSettings, RouterSettings, MediationSettings, NotifySettings)
        for field in settings.model_fields
    }
    assert [variable for variable in sorted(read) if f"`{variable}`" not in text] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_a_readme_is_short(name: str) -> None:
    assert len((ROOT / name).read_text("utf-8").splitlines()) <= 150


@pytest.mark.parametrize("name", ["docs/architecture.md", "docs/partners.md"])
def test_every_topic_is_named(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert [topic for topic in TOPICS if f"`{topic}`" not in text] == []


def test_every_role_is_named() -> None:
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    assert [role for role in ROLES if f"`{role}`" not in text] == []


def test_decisions_have_numbers_of_their_own_and_are_all_in_the_index() -> None:
    index = (ROOT / "docs/adr/README.md").read_text("utf-8")
    decisions = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
    expected = []
    for number, path in enumerate(decisions, 1):
        heading = path.read_text("utf-8").partition("\n")[0]
        assert path.name.startswith(f"{number:04}-")
        assert heading.startswith(f"# {number}. ")
        expected.append(f"| {number} | [{heading.partition('. ')[2]}]({path.name}) |")
    assert re.findall(r"^\| \d.*$", index, re.MULTILINE) == expected


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
class TestDocument:
    def test_names_what_exists(self, document: Path) -> None:
        assert wrong_names(document.read_text("utf-8")) == set()

    def test_routes_exist(self, document: Path) -> None:
        """``TABLE`` has every operation: an end-to-end test compares it with what the services serve."""
        operations = {operation for of_service in TABLE.values() for operation in of_service}
        assert set(ROUTE.findall(document.read_text("utf-8"))) <= operations

    def test_links_lead_somewhere(self, document: Path) -> None:
        links = [link for link in LINK.findall(document.read_text("utf-8")) if "://" not in link]
        assert [link for link in links if not (document.parent / link).exists()] == []

    def test_make_targets_exist(self, document: Path) -> None:
        named = re.findall(r"(?:`|^)make ([a-z]+)", document.read_text("utf-8"), re.MULTILINE)
        assert set(named) <= targets()

    def test_modules_exist(self, document: Path) -> None:
        named = set(re.findall(r"python -m ([\w.]+)", document.read_text("utf-8"))) - {"json.tool"}
        assert [module for module in named if find_spec(module) is None] == []

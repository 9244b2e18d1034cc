"""Hard rule: domain modules are pure, no I/O, no clock, no randomness, no logging.

What they may import is held by the import rules; the clock has to be looked for, since ``datetime`` is theirs to use.
"""

import ast
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

RULES = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
MODULES = next(rule["source_modules"] for rule in RULES if rule["id"] == "aggregates")
ALLOWED = {
    "__future__",
    "collections",
    "contracts",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "services",
    "typing",
}
ALLOWED |= {"base64", "hashlib", "itertools", "math"}
CLOCKS = {"now", "utcnow", "today", "fromtimestamp"}


def tree_of(module: str) -> ast.Module:
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return ast.parse(Path(spec.origin).read_text())


@pytest.mark.parametrize("module", MODULES)
def test_a_domain_module_imports_nothing_that_could_reach_outside(module: str) -> None:
    imported = set[str]()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported <= ALLOWED


@pytest.mark.parametrize("module", MODULES)
def test_a_domain_module_reads_no_clock_and_opens_nothing(module: str) -> None:
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert called not in CLOCKS | {"open", "print", "input", "getenv"}, f"{module}:{node.lineno} {called}()"


def test_every_service_has_its_aggregates_under_the_rule() -> None:
    services = {module.split(".")[1] for module in MODULES}
    assert services == {"intake", "router", "mediation", "notify"}

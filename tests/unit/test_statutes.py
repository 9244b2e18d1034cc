"""Every article that a limit or a piece of advice names is on the page of statutes, in the version that was read."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEDIATION = ROOT / "services/mediation"
PAGE = (ROOT / "docs/statutes.md").read_text("utf-8")
CITED = re.compile(r"([^\s；\[\]]+?)\s*[（(](\d{4})[修订正]*[）)]\s*(\d[\d, ]*)")


def numbers(text: str) -> set[int]:
    """``4, 25–27`` is 4, 25, 26 and 27."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("–")
        found |= set(range(int(first), int(last or first) + 1))
    return found


READ = {
    (law, year): numbers(articles)
    for law, year, articles in re.findall(r"^\| (\S+) \| (\d{4}) \| ([\d, –]+) \|", PAGE, re.MULTILINE)
}


def sources() -> dict[str, str]:
    """Where a statute is cited, and how."""
    limits = tomllib.loads((MEDIATION / "limits.toml").read_text("utf-8"))
    ways = tomllib.loads((MEDIATION / "advice.toml").read_text("utf-8"))["ways"]
    found = {**limits["limits"], **limits["counts"], **ways}
    return {name: one["source"] for name, one in found.items() if one["source"].startswith("[A]")}


@pytest.mark.parametrize(("name", "source"), sources().items(), ids=sources())
def test_a_statutory_source_names_law_version_and_articles_that_were_read(name: str, source: str) -> None:
    cited = CITED.findall(source)
    assert cited, f"{name} names no law with its year and an article"
    for law, year, articles in cited:
        asked = numbers(articles.strip(" ,"))
        assert asked <= READ[law, year], f"{name}: {law} ({year}) {asked - READ[law, year]} was not read"
    for part in source.removeprefix("[A] ").split("；"):
        assert CITED.match(part), f"{name}: {part} has no year or no article"


def test_every_article_of_the_petition_regulations_is_explained() -> None:
    rows = {int(article) for article in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}
    assert rows == READ["信访工作条例", "2022"]

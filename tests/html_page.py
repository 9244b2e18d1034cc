"""A page of HTML as tests look at it: what is labelled, what it would load, what a person reads."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "input", "br", "link", "img"})
LOADING = frozenset({"src", "srcset", "data", "poster", "background", "ping"})


@dataclass(slots=True)
class Page(HTMLParser):
    """Fed with a document; ``texts`` are by the innermost element that they stand in."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)

    def __init__(self, document: str) -> None:
        HTMLParser.__init__(self)
        self.tags, self.texts, self.unclosed = [], [], []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.unclosed.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.unclosed, f"</{tag}> closes nothing"
        assert self.unclosed[-1] == tag, f"</{tag}> closes {self.unclosed[-1]}"
        self.unclosed.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.unclosed[-1] if self.unclosed else "", data.strip()))

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of that name."""
        return [attributes for name, attributes in self.tags if name == tag]

    def text(self, *of: str) -> str:
        """What stands in elements of these names, of any but a style if none is given."""
        return "\n".join(data for tag, data in self.texts if (tag in of if of else tag != "style"))

    def unlabelled(self) -> list[str]:
        """Fields that no label is for."""
        labelled = {label.get("for") for label in self.all("label")}
        fields = [one for tag in ("input", "select", "textarea") for one in self.all(tag)]
        return [str(one) for one in fields if one.get("type") != "hidden" and one.get("id") not in labelled]

    def external(self) -> list[str]:
        """Whatever the page would load or send elsewhere."""
        found = [f"<{tag}>" for tag, _ in self.tags if tag in {"script", "link", "iframe", "object", "embed", "img"}]
        for tag, attributes in self.tags:
            found += [f"{tag} {name}" for name in attributes if name in LOADING or name.startswith("on")]
            found += [f"{tag} {name}={value}" for name, value in attributes.items() if "//" in value]
        return found

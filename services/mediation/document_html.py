"""A document as a page: printed by a browser, read on a telephone."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.mediation.documents import Document

_PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)


def to_html(document: Document) -> bytes:
    """The document as HTML in UTF-8; what people wrote is escaped."""
    return _PAGES.get_template("document.html").render(document=document).encode()

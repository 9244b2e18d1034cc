"""A document as PDF, for printing and signing.

The font is STSong-Light, one of those that PDF readers bring for Chinese, so that no font file has to be carried; the
text stays text that can be searched and copied.
"""

import io
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, HRFlowable, Paragraph, SimpleDocTemplate, Spacer

from services.mediation.documents import Document

FONT = "STSong-Light"
_MARGIN = 25 * mm
pdfmetrics.registerFont(UnicodeCIDFont(FONT))
_LINE = ParagraphStyle("line", fontName=FONT, fontSize=11, leading=19, wordWrap="CJK")
_HEADING = ParagraphStyle("heading", parent=_LINE, fontSize=12, spaceBefore=6 * mm, spaceAfter=1 * mm)
_TITLE = ParagraphStyle("title", parent=_LINE, fontSize=20, leading=30, alignment=TA_CENTER)
_RIGHT = ParagraphStyle("right", parent=_LINE, alignment=TA_RIGHT)


def to_pdf(document: Document) -> bytes:
    """The document on A4; takes some tens of milliseconds of processor, so call it in a thread."""
    flow: list[Flowable] = [_paragraph(document.title, _TITLE), _paragraph(f"编号 {document.number}", _RIGHT)]
    for section in document.sections:
        flow.append(_paragraph(section.heading, _HEADING))
        for line in section.lines:
            flow.append(_paragraph(line, _LINE))
            if section.hands:
                flow += [Spacer(1, 8 * mm), HRFlowable(width="100%", thickness=0.5, color="black")]
    flow += [Spacer(1, 6 * mm), _paragraph(f"依据：{document.basis}", _RIGHT)]
    out = io.BytesIO()
    pages = SimpleDocTemplate(
        out,
        pagesize=A4,
        title=f"{document.title} {document.number}",
        lang="zh-CN",
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
    )

    def number(canvas: Any, page: Any) -> None:
        canvas.setFont(FONT, 9)
        canvas.drawCentredString(A4[0] / 2, 12 * mm, f"{document.number}　第{page.page}页")

    pages.build(flow, onFirstPage=number, onLaterPages=number)
    return out.getvalue()


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text).replace("\n", "<br/>"), style)

"""回访页面: what a caller sees who opens the link, as plain HTML that needs no script and loads nothing.

Nothing here says who is asked: what it is about is named by the catalogue's category, when it was by dates.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

from contracts.codes import Resolution, Satisfaction
from services.notify.reasons import OF_CALLER, REASON_ZH

LONGEST_COMMENT = 500
CONTACT_ZH = {
    "in_time": "联系过我，而且及时",
    "late": "联系过我，但不及时",
    "none": "没有联系过我",
}
RESOLUTION_ZH = {Resolution.YES: "已解决", Resolution.PARTLY: "部分解决", Resolution.NO: "没有解决"}
SATISFACTION_ZH = {
    Satisfaction.VERY_SATISFIED: "非常满意",
    Satisfaction.SATISFIED: "满意",
    Satisfaction.NEUTRAL: "一般",
    Satisfaction.DISSATISFIED: "不满意",
    Satisfaction.VERY_DISSATISFIED: "非常不满意",
}
_STYLE = """
*{box-sizing:border-box}
body{margin:0;background:#fff;color:#1a1a1a;font:1.125rem/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:34rem;margin:0 auto;padding:1rem}
h1{font-size:1.4rem;line-height:1.3}
fieldset{margin:0 0 1.5rem;padding:0;border:0}
legend,.label{font-weight:700;padding:0;margin:0 0 .5rem;display:block}
.choice{display:flex;align-items:center;gap:.75rem;min-height:2.75rem;padding:.25rem .5rem}
.choice input{width:1.5rem;height:1.5rem;flex:none}
select,textarea{width:100%;font:inherit;color:inherit;background:#fff;border:2px solid #595959;padding:.5rem;
border-radius:.25rem}
select{min-height:2.75rem}
button{width:100%;min-height:3rem;font:inherit;font-weight:700;color:#fff;background:#0b4a8f;border:0;
border-radius:.25rem}
:focus-visible{outline:3px solid #b35900;outline-offset:2px}
.hint{color:#404040;font-size:1rem;margin:0 0 .5rem}
.error{color:#a30000;font-weight:700;margin:0 0 .5rem}
.summary{border:3px solid #a30000;padding:.5rem 1rem;margin:0 0 1.5rem}
""".strip()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Content-Language": "zh-CN",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
"""Of every page: nothing is loaded, framed, kept, or told to another site."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What is asked about. ``item`` in general words, None when it is not known; ``has_unit``: not of an answer."""

    item: str | None
    ended_at: datetime | None
    until: datetime
    has_unit: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """What was filled in, and what is wrong with it (field -> Chinese words)."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def form_page(matter: Matter, token: str, filled: Filled) -> str:
    """The questions; with ``errors``, what has to be mended is said first, and everything filled in is still there."""
    about = f"您反映的“{escape(matter.item)}”方面的事项" if matter.item else "您反映的事项"
    done = "办结" if matter.has_unit else "答复"
    ended = "已" + done if matter.ended_at is None else f"已于{_day(matter.ended_at)}{done}"
    parts = [
        "<h1>请您评价办理结果</h1>",
        f"<p>{about}{ended}。请在{_day(matter.until)}前填写，只能提交一次，大约需要一分钟。</p>",
        _summary(filled.errors),
        '<form method="post" action="survey" novalidate>',
        f'<input type="hidden" name="t" value="{escape(token)}">',
    ]
    if matter.has_unit:
        parts.append(_choices("contact", "承办单位联系过您吗？", CONTACT_ZH.items(), filled))
    parts += [
        _choices("resolution", "问题解决了吗？", RESOLUTION_ZH.items(), filled),
        _choices("satisfaction", "您对办理满意吗？", SATISFACTION_ZH.items(), filled),
        _reasons(filled),
        _comment(filled),
        '<button type="submit">提交评价</button>',
        "</form>",
    ]
    return _page("请您评价办理结果", parts)


def notice_page(title: str, text: str) -> str:
    """A page that says one thing."""
    return _page(title, [f"<h1>{escape(title)}</h1>", f"<p>{escape(text)}</p>"])


def _page(title: str, parts: Iterable[str]) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)} - 12345政务服务便民热线</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in parts if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def _summary(errors: Mapping[str, str]) -> str:
    if not errors:
        return ""
    lines = "".join(f'<li><a href="#{name}">{escape(text)}</a></li>' for name, text in errors.items())
    return f'<div class="summary" role="alert"><p class="error">请补充或改正以下内容：</p><ul>{lines}</ul></div>'


def _choices(name: str, question: str, choices: Iterable[tuple[str, str]], filled: Filled) -> str:
    rows = []
    for number, (value, words) in enumerate(choices):
        id_ = name if number == 0 else f"{name}-{number}"
        checked = " checked" if filled.values.get(name) == value else ""
        rows.append(
            f'<div class="choice"><input type="radio" id="{id_}" name="{name}" value="{value}" required{checked}>'
            f'<label for="{id_}">{words}</label></div>'
        )
    return f"<fieldset><legend>{question}</legend>{_error(name, filled)}{''.join(rows)}</fieldset>"


def _reasons(filled: Filled) -> str:
    chosen = filled.values.get("reason", "")
    options = "".join(
        f'<option value="{reason}"{" selected" if reason == chosen else ""}>{REASON_ZH[reason]}</option>'
        for reason in OF_CALLER
    )
    return (
        '<fieldset><label class="label" for="reason">没有解决或只解决了一部分的，主要原因是什么？</label>'
        f"{_error('reason', filled)}"
        f'<select id="reason" name="reason"><option value="">请选择</option>{options}</select></fieldset>'
    )


def _comment(filled: Filled) -> str:
    return (
        '<fieldset><label class="label" for="comment">您还想说的话（可不填）</label>'
        f'<p class="hint" id="comment-hint">最多{LONGEST_COMMENT}字，只有热线工作人员能看到。</p>'
        f"{_error('comment', filled)}"
        f'<textarea id="comment" name="comment" rows="4" maxlength="{LONGEST_COMMENT}"'
        f' aria-describedby="comment-hint">{escape(filled.values.get("comment", ""))}</textarea></fieldset>'
    )


def _error(name: str, filled: Filled) -> str:
    return f'<p class="error">{escape(filled.errors[name])}</p>' if name in filled.errors else ""


def _day(at: datetime) -> str:
    return f"{at.year}年{at.month}月{at.day}日"

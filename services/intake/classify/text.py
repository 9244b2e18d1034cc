"""The words of a caller in one written form, and the pieces of them that can be counted."""

import re
import unicodedata

MAX_CHARACTERS = 600
"""Longer texts say at their beginning what they are about, and must not cost more than others."""

# How people here write and say what the catalogue calls otherwise. Left: written; right: what is counted.
VARIANTS = (
    ("暧气", "暖气"),
    ("天燃气", "天然气"),
    ("帐", "账"),
    ("这搭", "这里"),
    ("那搭", "那里"),
    ("甚时候", "什么时候"),
    ("啥时候", "什么时候"),
    ("多会儿", "什么时候"),
    ("多会", "什么时候"),
    ("做甚", "干什么"),
    ("干啥", "干什么"),
    ("为甚", "为什么"),
    ("为啥", "为什么"),
    ("咋办", "怎么办"),
    ("咋", "怎么"),
    ("啥", "什么"),
    ("甚么", "什么"),
    ("甚", "什么"),
    ("娃娃", "孩子"),
    ("娃", "孩子"),
    ("黑夜", "晚上"),
    ("黑将来", "晚上"),
    ("夜里", "晚上"),
    ("半夜", "晚上"),
    ("后晌", "下午"),
    ("今儿", "今天"),
    ("明儿", "明天"),
    ("夜儿", "昨天"),
    ("俺", "我"),
    ("咱", "我"),
    ("俩", "两个"),
    ("圪蹴", "蹲"),
    ("木有", "没有"),
)
_VARIANT = dict(VARIANTS)
_VARIANTS = re.compile("|".join(sorted(_VARIANT, key=len, reverse=True)))
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_BREAK = re.compile(r"[^\w]+|_")


def tidy(text: str) -> str:
    """Half-width, lower case, without blanks: what word lists are compared with."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()[:MAX_CHARACTERS]


def counted(text: str) -> str:
    """``tidy``, in one dialect, every number as 0, every mark as one blank."""
    plain = _VARIANTS.sub(lambda found: _VARIANT[found[0]], tidy(text))
    return _BREAK.sub(" ", _NUMBER.sub("0", plain)).strip()


def ngrams(text: str, longest: int = 4) -> set[str]:
    """The character n-grams of ``counted(text)``, 1 to ``longest``, none across a mark."""
    return {
        piece[start : start + size]
        for piece in counted(text).split()
        for size in range(1, longest + 1)
        for start in range(len(piece) - size + 1)
    }

"""Which of the two languages a reader wants."""

from flask import request

from web.words import Language

COOKIE = "wangge_lang"


def language() -> Language:
    """By Accept-Language; Chinese when it says nothing that we speak."""
    if not request.headers.get("Accept-Language"):
        return "zh"
    best = request.accept_languages.best_match(["zh-CN", "en"], default="zh-CN")
    return "en" if best == "en" else "zh"


def page_language() -> Language:
    """For pages: what the reader chose (a cookie), else as `language`."""
    chosen = request.cookies.get(COOKIE)
    if chosen == "en":
        return "en"
    return "zh" if chosen in {"zh", "zh-CN"} else language()

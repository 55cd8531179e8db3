"""Which of the two languages a reader wants."""

from flask import request

from web.words import Language

LANGUAGE_OF: dict[str, Language] = {"zh": "zh", "en": "en"}
COOKIE = "wangge_lang"


def language() -> Language:
    """By Accept-Language; Chinese when it says nothing that we speak."""
    for tag, quality in request.accept_languages:
        spoken = LANGUAGE_OF.get(tag.lower().split("-")[0])
        if spoken and quality > 0:
            return spoken
    return "zh"


def page_language() -> Language:
    """For pages: what the reader chose (a cookie), else as `language`."""
    chosen = request.cookies.get(COOKIE)
    if chosen == "en":
        return "en"
    return "zh" if chosen in {"zh", "zh-CN"} else language()

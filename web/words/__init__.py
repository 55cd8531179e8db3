"""The words of problems, field errors, roles and other names, in both languages: the `.toml` files beside."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal, cast

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
TAGS: dict[Language, str] = {"zh": "zh-CN", "en": "en"}
HERE = Path(__file__).parent


@cache
def catalogue(name: str) -> dict[str, dict[str, str]]:
    """`problems`, `fields`, `roles`, `names` or `checks`: name → {"zh", "en", "zh_detail", "en_detail"}."""
    return cast("dict[str, dict[str, str]]", tomllib.loads((HERE / f"{name}.toml").read_text("utf-8")))


class _Filling(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


class _Formatter(Formatter):
    """`{stage:zh}` is the stage's name in Chinese, `{state:zh/delivery}` one of a delivery's state; lists as one.

    `{least:+photo}` counts in English: 1 photo, 2 photos.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec.startswith("+"):
            return f"{value} {format_spec[1:]}" + ("" if value == 1 else "s")
        language, _, kind = format_spec.partition("/")
        if language in LANGUAGES:
            return names_of(value, language, kind)
        if value is None:
            return "–"
        return ", ".join(map(str, value)) if isinstance(value, list | tuple | set) else str(value)


def names_of(value: Any, language: Language, kind: str = "") -> str:
    """What a stage, verb or role is called; who may do a verb (cases/permissions.py) by role and place; lists too.

    `kind` tells apart what different things call by the same name: `delivery`, `request`.
    """
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        named = dict.fromkeys(names_of(one, language, kind) for one in value)
        return ("、" if language == "zh" else ", ").join(named) or "–"
    if isinstance(value, Mapping):
        post = names_of(value["relation"], language, "relation")
        return post.format(role=names_of(value["role"], language), centre=value["centre"]["name"])
    entry = name_entry(str(value), kind)
    return entry[language] if entry else str(value)


def name_entry(value: str, kind: str = "") -> dict[str, str] | None:
    """The words of a name, those of its kind before any other; None: it has none."""
    names = catalogue("names")
    return (names.get(f"{kind}-{value}") if kind else None) or names.get(value) or catalogue("roles").get(value)


def fill(words: str, data: Mapping[str, Any]) -> str:
    """Put `data` into the places that `words` names."""
    if "{" not in words:
        return words
    return _Formatter().vformat(words, (), _Filling(data))


def problem_words(name: str, language: Language, data: Mapping[str, Any]) -> tuple[str, str]:
    """Title and detail of a problem."""
    known = catalogue("problems")
    # a refusal that says `because` may have words of its own for it
    entry = known.get(f"{name}-{data.get('because')}") or known.get(name) or known["refused"]
    return entry[language], fill(entry.get(f"{language}_detail", ""), data)


def check_words(name: str, language: Language, data: Mapping[str, Any]) -> str:
    """What a check looks at, or what it found."""
    return fill(catalogue("checks")[name][language], data)


def field_words(code: str, language: Language, data: Mapping[str, Any]) -> str:
    """What is wrong with one field."""
    entry = catalogue("fields").get(code) or catalogue("fields")["wrong"]
    return fill(entry[language], data)

"""The words of problems and field errors, in both languages: `problems.toml`, `fields.toml`, `roles.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
TAGS: dict[Language, str] = {"zh": "zh-CN", "en": "en"}
HERE = Path(__file__).parent


@cache
def catalogue(name: str) -> dict[str, dict[str, str]]:
    """`problems`, `fields` or `roles`: name → {"zh", "en", "zh_detail", "en_detail"}."""
    return cast("dict[str, dict[str, str]]", tomllib.loads((HERE / f"{name}.toml").read_text("utf-8")))


class _Filling(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


def fill(words: str, data: Mapping[str, Any]) -> str:
    """Put `data` into the places that `words` names."""
    if "{" not in words:
        return words
    shown = {key: ", ".join(map(str, v)) if isinstance(v, list | tuple | set) else v for key, v in data.items()}
    return words.format_map(_Filling(shown))


def problem_words(name: str, language: Language, data: Mapping[str, Any]) -> tuple[str, str]:
    """Title and detail of a problem."""
    entry = catalogue("problems").get(name) or catalogue("problems")["refused"]
    return entry[language], fill(entry.get(f"{language}_detail", ""), data)


def field_words(code: str, language: Language, data: Mapping[str, Any]) -> str:
    """What is wrong with one field."""
    entry = catalogue("fields").get(code) or catalogue("fields")["wrong"]
    return fill(entry[language], data)

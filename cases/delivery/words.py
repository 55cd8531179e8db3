"""What messages call things, in both languages: `words.toml` beside this."""

import tomllib
from functools import cache
from pathlib import Path


@cache
def _words() -> dict[str, list[str]]:
    words: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
    return words


def kind_words(kind: str) -> tuple[str, str]:
    """Chinese and English for a kind of notice; a rung that an administrator has named is called as they named it."""
    zh, en = _words().get(kind, [kind, kind])
    return zh, en

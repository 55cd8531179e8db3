"""Sentences offered for descriptions, by class of category: read from a CSV file, checked when the product starts.

Columns: `class_code` (two digits; empty: for every class), `zh`, `en`. `{n}` stands where a number is typed, `{place}`
where a name is.
"""

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson

from core.settings import ROOT, BadSettings, Settings

COLUMNS = ("class_code", "zh", "en")
MOST_CHARACTERS = 100
MOST_PHRASES = 500
PLACES = {"n", "place"}


@dataclass(frozen=True)
class Phrase:
    """A sentence in both languages; `class_code` None: for every class."""

    class_code: str | None
    zh: str
    en: str


@dataclass(frozen=True)
class Phrases:
    """All of them in the order of the file; `version` changes with any of them."""

    version: str
    items: tuple[Phrase, ...]


def phrases(settings: Settings) -> Phrases:
    """The sentences of `[field_app].phrases`; none where it is empty. Raises BadSettings with every fault."""
    name = settings.field_app.phrases
    return read_phrases(ROOT / name) if name else Phrases("none", ())


def check_phrases(settings: Settings) -> None:
    """Raise BadSettings unless the file is there and every line is good."""
    phrases(settings)


@cache
def read_phrases(file: Path) -> Phrases:
    """The sentences of the file, read once a process. Raises BadSettings naming every line that is wrong."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"field_app.phrases: {file}: {error}") from None
    reader = csv.DictReader(lines, strict=True)
    try:
        rows = [(reader.line_num, {key: (row.get(key) or "").strip() for key in COLUMNS}) for row in reader]
    except csv.Error as error:
        raise BadSettings(f"field_app.phrases: {file.name}:{reader.line_num}: {error}") from None
    faults = [f"{file.name}:{number}: {fault}" for number, row in rows for fault in _faults(row)]
    if not set(COLUMNS) <= set(reader.fieldnames or ()):
        faults = [f"{file.name}:1: the columns are {', '.join(COLUMNS)}"]
    if len(rows) > MOST_PHRASES:
        faults.append(f"{file.name}: more than {MOST_PHRASES} lines")
    if faults:
        raise BadSettings("field_app.phrases: " + "; ".join(faults))
    items = tuple(Phrase(row["class_code"] or None, row["zh"], row["en"]) for _, row in rows)
    return Phrases(hashlib.sha256(orjson.dumps(items)).hexdigest()[:16], items)


def _faults(row: dict[str, str]) -> Iterator[str]:
    if row["class_code"] and not re.fullmatch(r"[0-9]{2}", row["class_code"]):
        yield f"class_code {row['class_code']!r} is no two digits"
    for language in ("zh", "en"):
        if not 0 < len(row[language]) <= MOST_CHARACTERS:
            yield f"{language} has 1 to {MOST_CHARACTERS} characters"
    places = [set(re.findall(r"\{([^}]*)\}", row[language])) for language in ("zh", "en")]
    if places[0] != places[1] or not places[0] <= PLACES:
        yield "zh and en have the same places, of {n} and {place}"

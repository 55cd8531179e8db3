"""The rows of a CSV file, one broken line at a time: what cannot be read is told, and the next line is tried."""

import csv
import re
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from core.errors import Invalid

MOST_LINES = 100
"""A row with line breaks in its text has no more; a quote that is open for longer was never closed."""
OPEN = "unexpected end of data"
"""What `csv` says, by these words alone, of a row whose quote is still open."""

CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
"""Signs that no name has: some cannot be kept, others break a line where it is shown."""

Row = list[str] | Invalid


def read_rows(file: BinaryIO, columns: int) -> Iterator[tuple[int, Row]]:
    """Each row behind the header with the number of its first line, or why that line is none; empty ones are left out.

    Of a row that breaks, only the first line is refused: those behind it are read on their own.
    """
    number, ahead = 1, deque[bytes]()
    while ahead or (first := file.readline()):
        raw = ahead.popleft() if ahead else first
        number += 1
        if not raw.strip():
            continue
        try:
            yield number, parse_row(raw)
        except UnicodeDecodeError:
            yield number, Invalid.one("", "not_utf8")
        except csv.Error as error:
            row = _join(raw, file, ahead, columns) if str(error) == OPEN else None
            if row is None:
                yield number, Invalid.one("", "bad_quotes")
                continue
            lines, cells = row
            yield number, cells
            number += lines
            for _ in range(lines):
                ahead.popleft()


def parse_row(*lines: bytes) -> list[str]:
    """The cells of one row. Raises UnicodeDecodeError and csv.Error."""
    return next(csv.reader((line.decode() for line in lines), strict=True), [])


def _join(first: bytes, file: BinaryIO, ahead: deque[bytes], columns: int) -> tuple[int, list[str]] | None:
    """The row that begins on `first`, and how many of the lines `ahead` belong to it; None: its quote never closes."""
    for count in range(1, MOST_LINES):
        if len(ahead) < count:
            line = file.readline()
            if not line:
                return None
            ahead.append(line)
        if b'"' not in ahead[count - 1]:
            continue
        try:
            cells = parse_row(first, *islice(ahead, count))
        except UnicodeDecodeError:
            return None
        except csv.Error as error:
            if str(error) == OPEN:
                continue
            return None
        return (count, cells) if len(cells) >= columns else None
    return None

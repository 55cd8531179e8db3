"""A year of made-up reports that ends today: `data/make_reports.py` with its days shifted by whole weeks."""

import csv
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from cases.workdays import SHANGHAI
from core.settings import ROOT

MADE_YEAR = 2025
"""The year that the script has holidays for."""
LAST_DAY = date(MADE_YEAR, 12, 31)


class NoReports(RuntimeError):
    """The script that makes the reports failed."""


def make_year(count: int, folder: Path, *, now: datetime) -> Path:
    """A CSV of reports up to `now`: about `count`, less the few that fall into the rest of the week.

    The same count and day give the same file. Raises NoReports.
    """
    made, shifted = folder / "made.csv", folder / "reports.csv"
    done = subprocess.run(
        [sys.executable, ROOT / "data/make_reports.py", "-n", str(count), "--seed", "1", "--year", str(MADE_YEAR),
         "--out", made],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise NoReports(done.stderr.strip()[-2000:])
    with made.open(encoding="utf-8", newline="") as source, shifted.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerows(_shift(csv.reader(source), now))
    made.unlink()
    return shifted


def weeks_to(today: date) -> int:
    """By how many weeks the made year moves, so that its last day is today or at most six days later."""
    return -((LAST_DAY - today).days // 7)


def _shift(rows: Iterator[list[str]], now: datetime) -> Iterator[list[str]]:
    head = next(rows)
    yield head
    column = head.index("reported_at")
    by = timedelta(weeks=weeks_to(now.astimezone(SHANGHAI).date()))
    for row in rows:
        at = datetime.fromisoformat(row[column]) + by
        if at < now:
            row[column] = at.isoformat()
            yield row

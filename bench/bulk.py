"""Bulk load: `flask cases load` of 200,000 reports, against COPY of the rows that it wrote."""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from bench.place import ROOT, Place, flask
from bench.result import Result

REPORTS = 200_000
TABLES = ("cases", "reports", "events", "clocks")


def run(place: Place) -> Result:
    """Must: ≥ 12,000 reports a second; the limit is COPY of the same rows into tables with the same indexes."""
    with tempfile.TemporaryDirectory() as directory:
        made = Path(directory) / "reports.csv.gz"
        maker = [sys.executable, str(ROOT / "data/make_reports.py"), "-n", str(REPORTS), "--out", str(made)]
        subprocess.run(maker, check=True, capture_output=True)
        started = time.perf_counter()
        said = flask(place.url, "cases", "load", str(made))
        whole = time.perf_counter() - started
    written: int = place.query("SELECT count(*) FROM cases")[0][0]
    rate = re.search(r"([\d,]+)(?:\.\d+)?\s*(?:reports )?(?:/s|a second)", said)
    figure = float(rate[1].replace(",", "")) if rate else written / whole
    limit = written / copy_seconds(place)
    notes: dict[str, Any] = {"written": written, "seconds_with_start": round(whole, 1), "said": said.strip()[-400:]}
    return Result("bulk_load", figure, "reports/s", limit, "≥ 12,000/s", figure >= 12_000, notes=notes)


def copy_seconds(place: Place) -> float:
    """Seconds to COPY all rows of the four tables into empty twins with the same indexes, one after the other."""
    seconds = 0.0
    with psycopg.connect(place.plain_url, autocommit=True) as connection:
        for table in TABLES:
            with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as out:
                blocks = list(out)
            connection.execute(f"CREATE TABLE twin_{table} (LIKE {table} INCLUDING INDEXES)")
            started = time.perf_counter()
            with connection.cursor() as cursor, cursor.copy(f"COPY twin_{table} FROM STDIN (FORMAT binary)") as into:
                for block in blocks:
                    into.write(block)
            seconds += time.perf_counter() - started
            connection.execute(f"DROP TABLE twin_{table}")
    return seconds

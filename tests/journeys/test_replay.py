"""Reports whose right answers are known go through `reports:batch`: every row's expectation is met."""

import csv
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.conftest import Seat

ROOT = Path(__file__).resolve().parent.parent.parent
NEAR = {"outside_close"}
REFUSED = {"outside_near", "outside_far", "swapped", "null_island"}


@pytest.mark.slow  # ten thousand reports
def test_ten_thousand_reports_fall_where_they_must(seat: Callable[[str], Seat], tmp_path: Path) -> None:
    made = tmp_path / "reports.csv"
    maker = [sys.executable, ROOT / "data/make_reports.py", "-n", "10000", "--out", made]
    subprocess.run(maker, check=True, capture_output=True)
    rows = list(csv.DictReader(made.read_text("utf-8").splitlines()))
    wanted = {row["report_id"]: row for row in rows}
    keys = ("report_id", "reported_at", "lon", "lat", "crs", "source", "category_code", "description")
    lines = "\n".join(
        json.dumps({key: float(row[key]) if key in {"lon", "lat"} else row[key] for key in keys}, ensure_ascii=False)
        for row in rows
    )
    admin = seat("admin")
    answer = admin.ask("POST", "/reports:batch", data=lines.encode(), content_type="application/x-ndjson")
    assert answer.status_code == 200, answer.text[:500]
    given = {line["report_id"]: line for line in map(json.loads, answer.text.splitlines())}
    assert given.keys() == wanted.keys()

    counts: Counter[str] = Counter()
    wrong = []
    for report_id, row in wanted.items():
        line, right = given[report_id], set(filter(None, row["expected_codes"].split("|")))
        accepted = line["status"] in {200, 201}
        fits = (line["placement"]["cell"]["code"] in right) if accepted and right else accepted == bool(right)
        if fits and row["expect"] == "edge_vertex":
            fits = line["placement"]["method"] == "edge" and line["placement"]["cell"]["code"] == min(right)
        if fits and row["expect"] in NEAR:
            fits = line["placement"]["method"] == "near"
        if fits and row["expect"] in REFUSED:
            fits = line["problem"]["type"] in {"urn:wangge:problem:outside-grid", "urn:wangge:problem:invalid"}
        counts[f"{row['expect']}: {'right' if fits else 'wrong'}"] += 1
        if not fits:
            wrong.append((row, line))
    sys.stdout.write(json.dumps(counts, indent=1, sort_keys=True))
    assert not wrong, wrong[:3]

    again = admin.ask("POST", "/reports:batch", data=lines.encode(), content_type="application/x-ndjson")
    assert Counter(json.loads(line)["status"] for line in again.text.splitlines())[201] == 0

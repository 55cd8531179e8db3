"""Files of reports, of every form: read around what is broken, loaded, and loaded again."""

import csv
import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from cases.commands import cases
from cases.intake.files import load_reports
from cases.intake.lines import BadFile, read_file, read_line, space_of
from cases.models import Case, Clock, Event, Notice, Report
from core.db import Sessions
from core.settings import Settings
from scripts.cluster import for_service
from tests.cases.test_many_reports import count, line, ndjson


def write(path: Path, lines: list[dict[str, Any]]) -> Path:
    if ".csv" in path.name:
        rows = [list(lines[0]), *([str(value) for value in one.values()] for one in lines)]
        content = "\n".join(",".join(json.dumps(cell, ensure_ascii=False) for cell in row) for row in rows).encode()
    else:
        content = ndjson(lines)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("name", ["r.csv", "r.csv.gz", "r.ndjson", "r.ndjson.gz", "r.jsonl"])
def test_files_of_every_form_hold_the_same_reports(name: str, tmp_path: Path) -> None:
    lines = [line(report_id="R1", lon=121.5), line(report_id="R2", description='他说"好",\n走了'.replace("\n", " "))]
    lines[1]["description"] = lines[1]["description"].replace('"', "'")
    read = list(read_file(write(tmp_path / name, lines)))
    assert [one.name for one in read] == ["R1", "R2"]
    assert [one.sent.kept for one in read if one.sent] == [
        one.sent.kept for one in map(read_line, map(orjson.dumps, lines)) if one.sent
    ]


def test_a_file_is_loaded_by_two_processes_and_may_be_loaded_again(
    sessions: Sessions, settings: Settings, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [line(report_id=f"R{number}") for number in range(7)] + [line(report_id="R8", lon=0), line(report_id="R1")]
    lines[-1] = lines[1]
    file, refused = write(tmp_path / "r.ndjson", lines), tmp_path / "refused.ndjson"
    monkeypatch.setattr("cases.intake.files.CHUNK", 3)
    loaded = load_reports(file, refused, now=now, settings=settings, processes=1)
    assert (loaded.opened, loaded.twins, loaded.lines) == ({"inside": 7}, 1, 9)
    assert loaded.refused == {"outside-grid": 1}
    assert orjson.loads(refused.read_bytes())["report_id"] == "R8"
    assert count(sessions, Case, Report, Clock, Event, Notice) == [7, 7, 7, 7, 0]
    again = load_reports(file, refused, now=now, settings=settings, processes=1)
    assert (again.opened.total(), again.twins) == (0, 8)


@pytest.mark.slow  # starts two processes and the command
def test_the_command_prints_counts_and_rate(sessions: Sessions, city_url: str, tmp_path: Path) -> None:
    lines = [line(report_id=f"R{number}", reported_at="2025-03-09T10:00:00+08:00") for number in range(50)]
    file = write(tmp_path / "r.csv.gz", [*lines, line(report_id="x", lon=0)])
    environment = {"WANGGE_DATABASE_URL": for_service(city_url)}
    done = CliRunner().invoke(cases, ["load", str(file)], env=environment)
    assert done.exit_code == 0, done.output
    assert "inside: 50" in done.output
    assert "refused, outside-grid: 1" in done.output
    assert "reports/s" in done.output
    assert count(sessions, Case) == [50]
    assert (tmp_path / "r.csv.gz.refused.ndjson").exists()


BROKEN = [
    ("r.txt", b"x", ".ndjson"),
    ("r.csv", b"report_id,lon\n1,2\n", "lacks"),
    ("r.csv", b"\xff\xfe\x00", "UTF-8"),
    ("r.csv.gz", b"no gzip", "gzip"),
    ("r.ndjson.gz", gzip.compress(b'{"report_id": "x"}\n' * 50, mtime=0)[:-12], "end"),
]


@pytest.mark.parametrize(("name", "content", "words"), BROKEN)
def test_a_file_that_cannot_be_read_is_told(
    name: str, content: bytes, words: str, settings: Settings, now: datetime, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(BadFile) as refused:
        list(read_file(file))
    assert words in refused.value.reason
    loaded = load_reports(file, tmp_path / "refused", now=now, settings=settings, processes=1)
    assert loaded.broken == refused.value.reason
    done = CliRunner().invoke(
        cases, ["load", str(file), "--processes", "1"], env={"WANGGE_DATABASE_URL": settings.database.url}
    )
    assert done.exit_code == 1


HEADER = b"report_id,reported_at,lon,lat,crs,source,category_code,description"
GOOD = ",2026-03-09T10:00:00+08:00,121.4737,31.2304,wgs84,hotline,06010,"
BAD_LINES = [
    (b"R9" + GOOD.encode() + b"\xff\xfe", "not_utf8"),
    (b"R9" + GOOD.encode() + b'"never closed', "bad_quotes"),
    (b"R9" + GOOD.encode() + b'"closed" and more', "bad_quotes"),
    (b'"', "bad_quotes"),
]


@pytest.mark.parametrize(("broken", "code"), BAD_LINES)
@pytest.mark.parametrize("rows_behind", [2, 300])
def test_a_broken_line_of_csv_is_refused_alone(broken: bytes, code: str, rows_behind: int, tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    behind = [f'R{number}{GOOD}"quoted, or ""not"""'.encode() for number in range(rows_behind)]
    several = [f'S{GOOD}"first'.encode(), b"", b'third"']
    file.write_bytes(b"\r\n".join([HEADER, *several, b"T" + GOOD.encode(), broken, *behind, b"", broken]) + b"\n")
    read = list(read_file(file))
    assert [one.name for one in read] == ["S", "T", None, *(f"R{number}" for number in range(rows_behind)), None]
    assert [(one.number, one.fault.errors[0].code) for one in read if one.fault] == [
        (6, code),
        (8 + rows_behind, code),
    ]
    assert read[0].sent is not None
    assert read[0].sent.values["description"] == "first\r\n\r\nthird"


def test_a_file_with_a_broken_line_is_loaded_around_it_and_may_be_loaded_again(
    sessions: Sessions, settings: Settings, now: datetime, tmp_path: Path
) -> None:
    file, refused = tmp_path / "r.csv", tmp_path / "refused.ndjson"
    good = [f"R{number}{GOOD}".encode() for number in range(4)]
    file.write_bytes(b"\n".join([HEADER, good[0], BAD_LINES[0][0], good[1], good[2], BAD_LINES[1][0], good[3]]))
    for opened, twins in ((4, 0), (0, 4)):
        loaded = load_reports(file, refused, now=now, settings=settings, processes=1)
        assert (loaded.opened.total(), loaded.twins, loaded.broken) == (opened, twins, None)
        told = [orjson.loads(raw) for raw in refused.read_bytes().splitlines()]
        assert [(one["line"], one["data"]["errors"][0]["code"]) for one in told] == [(3, "not_utf8"), (6, "bad_quotes")]
    other = load_reports(file, refused, now=now, settings=settings, processes=1, space=space_of("demo"))
    assert other.opened.total() == 4


def test_a_short_row_is_refused_alone(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    header = ["report_id", "reported_at", "lon", "lat", "crs", "source", "category_code", "description"]
    with file.open("w", newline="") as out:
        csv.writer(out).writerows([header, ["R1"], ["", *header[1:]], ["R2", "", "x", "31", "wgs84", "public", "", ""]])
    read = list(read_file(file))
    assert [one.fault is None for one in read] == [False, False, True]
    assert read[2].sent is not None
    assert read[2].sent.values["point"] == {"lon": "x", "lat": 31.0, "crs": "wgs84"}

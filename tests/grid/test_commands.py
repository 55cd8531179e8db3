"""`flask grid …`: prints what it did, or says what is wrong, ends with 1 and has changed nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from grid.commands import grid
from tests.grid.town import EAST, HALF, MIDDLE, SOUTH, SOUTH_EAST, SOUTH_WEST, WEST, as_bytes, box, town

Run = Callable[..., Result]
PEOPLES_SQUARE = ("121.4737", "31.2304")


@pytest.fixture
def run(city_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """On the city; for commands that change nothing."""
    monkeypatch.setenv("WANGGE_DATABASE_URL", city_url)
    return lambda *words: CliRunner().invoke(grid, list(map(str, words)), catch_exceptions=False)


@pytest.fixture
def run_empty(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """On a database without ground."""
    monkeypatch.setenv("WANGGE_DATABASE_URL", empty_url)
    return lambda *words: CliRunner().invoke(grid, list(map(str, words)), catch_exceptions=False)


def editions(url: str) -> list[Any]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT name, state, cell_count FROM editions ORDER BY id")).all()
    engine.dispose()
    return [tuple(row) for row in found]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "town.geojson").write_bytes(as_bytes(town()))
    return tmp_path / "town.geojson"


def test_an_edition_of_a_day_to_come_is_activated_with_a_warning(run_empty: Run, file: Path) -> None:
    done = run_empty("load", file, "--valid-from", "2999-01-31", "--activate")
    assert done.exit_code == 0
    assert done.stdout == "edition town: 9 cells, no fault, active\n"
    assert done.stderr == "warning: it is active from today on, though valid by decree only from 2999-01-31\n"


def test_a_point_on_the_other_side_of_the_globe_is_outside(run: Run) -> None:
    done = run("locate", "-180", "-90", "--crs", "bd09")
    assert (done.exit_code, done.stderr) == (1, "Error: outside-grid: no village of edition demo covers the point\n")


def test_a_grid_is_loaded_checked_and_activated(run_empty: Run, empty_url: str, file: Path) -> None:
    assert run_empty("load", file, "--dry-run").output == "9 cells, no fault; nothing stored (dry run)\n"
    assert editions(empty_url) == []
    done = run_empty("load", file, "--valid-from", "2026-01-31")
    assert done.output == "edition town: 9 cells, no fault, checked\n"
    refused = run_empty("locate", str(WEST + 0.01), str(HALF - 0.001), "--crs", "wgs84")
    assert (refused.exit_code, refused.stderr) == (1, "Error: no grid is active; load one with --activate\n")
    assert run_empty("activate", "town").output == "edition town: active\n"
    assert run_empty("load", file, "--edition", "second", "--activate").exit_code == 0
    assert editions(empty_url) == [("town", "retired", 9), ("second", "active", 9)]
    assert run_empty("check").output == "edition second: 9 cells, no fault\n"
    again = run_empty("load", file)
    assert (again.exit_code, again.stderr) == (
        1,
        "Error: the edition 'town' has been in use (it is retired); choose another name\n",
    )


def test_all_faults_of_a_grid_are_listed_and_nothing_changes(run_empty: Run, empty_url: str, tmp_path: Path) -> None:
    cells = town()
    cells[SOUTH_WEST]["geometry"] = box(WEST, SOUTH, MIDDLE, HALF + 0.0001)
    cells[SOUTH_EAST]["geometry"] = box(MIDDLE, SOUTH, EAST + 0.0001, HALF)
    (tmp_path / "bad.geojson").write_bytes(as_bytes(cells))
    done = run_empty("load", tmp_path / "bad.geojson", "--activate")
    assert done.exit_code == 1
    assert done.stdout == ""
    overhang, overlap, last = done.stderr.splitlines()
    assert overhang.startswith(f"outside_parent: {SOUTH_EAST} ")
    assert overlap.startswith(f"overlap: {SOUTH_WEST} ")
    assert overlap.endswith(" m²)")
    assert last == "2 faults; nothing changed"
    assert editions(empty_url) == []


def test_check_finds_what_was_damaged_later(run_empty: Run, empty_url: str, file: Path) -> None:
    run_empty("load", file)
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE cells SET parent_code = 'nowhere' WHERE code = :code"), {"code": SOUTH_WEST})
    engine.dispose()
    done = run_empty("check", "town")
    assert done.exit_code == 1
    assert f"orphan: {SOUTH_WEST}" in done.stderr
    assert editions(empty_url) == [("town", "draft", 9)]
    refused = run_empty("activate", "town")
    assert refused.stderr == "Error: the edition 'town' is draft; only a checked one can be activated\n"


def test_locate_prints_what_the_api_answers(run: Run) -> None:
    done = run("locate", *PEOPLES_SQUARE, "--crs", "wgs84")
    place = json.loads(done.stdout)
    assert [cell["name"] for cell in place["line"]] == ["上海市", "黄浦区", "南京东路街道", "长江居委会"]
    assert (place["method"], place["confidence"]) == ("inside", "high")
    assert set(place) == {
        "cell", "line", "centre", "method", "confidence", "candidates", "distance_m", "edition",
    }  # fmt: skip
    same = run(
        "locate", "643.64", "-540.78", "--crs", "sh2000", "--accuracy", "20", "--at", "2200-01-01T00:00:00+08:00"
    )
    assert json.loads(same.stdout)["cell"] == place["cell"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["121.4737", "31.2304"], "--crs is needed, one of: wgs84 gcj02 bd09 cgcs2000 sh2000"),
        (["121.4737", "31.2304", "--crs", "utm"], "--crs is needed"),
        (["31.2304", "121.4737", "--crs", "wgs84"], "are they swapped?"),
        (["nan", "31.2304", "--crs", "wgs84"], "not_finite"),
        (["here", "31.2304", "--crs", "wgs84"], "LON: 'here' is no number"),
        (
            ["123.5", "30.9", "--crs", "wgs84"],
            "outside-grid: no village of edition demo covers the point; 310115145018",
        ),
        ([*PEOPLES_SQUARE, "--crs", "wgs84", "--accuracy", "-1"], "--accuracy must be 0 or more"),
        ([*PEOPLES_SQUARE, "--crs", "wgs84", "--accuracy", "nan"], "--accuracy must be 0 or more"),
        ([*PEOPLES_SQUARE, "--crs", "wgs84", "--at", "2026-01-01"], "needs its offset"),
        ([*PEOPLES_SQUARE, "--crs", "wgs84", "--at", "now"], "is no moment"),
        ([*PEOPLES_SQUARE, "--crs", "wgs84", "--at", "1999-01-01T00:00:00Z"], "at: no grid was in use then"),
    ],
)
def test_a_point_that_cannot_be_located_is_told_why(words: list[str], reason: str, run: Run) -> None:
    done = run("locate", *words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert reason in done.stderr


@pytest.mark.parametrize(
    ("content", "words", "reason"),
    [
        (None, [], "there is no such file"),
        (b"{", [], "this is no JSON"),
        (as_bytes(town()), ["--valid-from", "soon"], "'soon' is no day"),
        (as_bytes(town()), ["--edition", "active"], "choose another name"),
    ],
)
def test_a_load_that_cannot_be_done_is_told_why(
    content: bytes | None, words: list[str], reason: str, run: Run, city_url: str, tmp_path: Path
) -> None:
    before = editions(city_url)
    if content is not None:
        (tmp_path / "x.geojson").write_bytes(content)
    done = run("load", tmp_path / "x.geojson", *words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert reason in done.stderr
    assert editions(city_url) == before


def test_an_unknown_edition_is_told(run: Run) -> None:
    assert run("check", "nowhere").stderr == "Error: there is no edition 'nowhere'\n"


def test_a_database_that_is_away_or_empty_is_told(server_url: str, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setenv("WANGGE_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert "the database does not answer" in run("check").stderr
    monkeypatch.setenv("WANGGE_DATABASE_URL", server_url.replace("/wangge?", "/template1?"))
    assert "flask db upgrade" in run("check").stderr
    monkeypatch.setenv("WANGGE_NO_SUCH_SETTING", "1")
    assert "no such setting" in run("check").stderr


# --- components and duty areas ----------------------------------------------------------------------------------------

COMPONENTS = "id,category_code,name,lon,lat,crs\n"


@pytest.fixture
def components(tmp_path: Path, fresh_city_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Load a file of components into a city of its own."""
    import cases.commands  # noqa: F401 - the command stands where the categories are

    monkeypatch.setenv("WANGGE_DATABASE_URL", fresh_city_url)

    def load(lines: str | bytes, *words: str) -> Result:
        data = lines if isinstance(lines, bytes) else (COMPONENTS + lines).encode()
        (tmp_path / "components.csv").write_bytes(data)
        command = ["load-components", str(tmp_path / "components.csv"), *words]
        return CliRunner().invoke(grid, command, catch_exceptions=False)

    return load


def test_components_are_tried_loaded_and_told_line_by_line_when_they_are_wrong(
    components: Callable[..., Result],
) -> None:
    good = "a,01001,井盖,121.4737,31.2352,wgs84\n"
    tried = components(good, "--dry-run")
    assert tried.exit_code == 0
    assert tried.stdout.startswith("1 components: 1 new, 0 changed, 0 as before, 0 retired, in ")
    assert tried.stdout.endswith("; nothing stored (dry run)\n")
    assert "1 new" in components(good).stdout
    assert "1 as before" in components(good).stdout
    assert "1 retired" in components(good.replace("a,", "b,"), "--whole").stdout
    wrong = components(good + "c,01001,井盖,31.2352,121.4737,wgs84\nd,01001\n")
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert wrong.stderr == (
        "Error: 2 faults, nothing changed\n"
        "lines.3.lat: longitude and latitude seem to be swapped; longitude comes first\n"
        "lines.4: this row has 2 cells, the header has 6\n"
    )
    assert "save it as CSV UTF-8" in components(COMPONENTS.encode() + good.encode("gb18030")).stderr


def test_duty_areas_are_loaded_or_told_why_not(
    fresh_city_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANGGE_DATABASE_URL", fresh_city_url)
    file = tmp_path / "areas.geojson"

    def load(centre: str) -> Result:
        properties = {"code": "A1", "name": "片区", "centre_code": centre}
        one = {"type": "Feature", "properties": properties, "geometry": box(121.470, 31.232, 121.476, 31.236)}
        file.write_text(json.dumps({"type": "FeatureCollection", "features": [one]}), "utf-8")
        return CliRunner().invoke(grid, ["load-duty-areas", str(file)], catch_exceptions=False)

    assert load("310101002000").stdout.endswith("1 duty areas\n")
    refused = load("310199000000")
    assert (refused.exit_code, refused.stderr) == (
        1,
        "Error: features.1.centre_code: there is no centre 310199000000\n",
    )

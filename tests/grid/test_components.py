"""Components: a file is taken whole or not at all, phones are told what changed, and routing knows them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import process_time
from typing import Any

import pytest
import structlog.testing
from sqlalchemy import Connection, event, select, text
from sqlalchemy.orm import Session

from core.db import Sessions
from core.errors import NotFound
from grid.components import (
    ComponentFilter,
    Near,
    Poured,
    components_since,
    find_one,
    list_components,
    pour_components,
)
from grid.departments import change_department
from grid.errors import BadComponents, GridBusy, NoEdition
from grid.loading import activate, read_bytes, store
from grid.models import Centre, Component, Department
from grid.routing import route
from tests.grid.town import as_bytes, town

KNOWN = {"01001", "01002", "02009"}
STREET, OTHER = "310101002000", "310101013000"  # 南京东路街道, 外滩街道
HEADER = "id,category_code,name,lon,lat,crs,owner,department_code,state"
HERE = "121.4737,31.2352,wgs84"  # 人民广场
THERE = "121.4900,31.2330,wgs84"  # 外滩

Pour = Callable[..., Poured]


def rows(*lines: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *lines]).encode() + b"\n"


@pytest.fixture
def pour(session: Session, now: datetime) -> Pour:
    def made(*lines: str, **wishes: Any) -> Poured:
        return pour_components(session, rows(*lines), categories=KNOWN, now=now, **wishes)

    return made


@pytest.fixture
def conn(session: Session) -> Connection:
    return session.connection()


def faults(session: Session, now: datetime, data: bytes) -> list[tuple[str, str]]:
    with pytest.raises(BadComponents) as refused:
        pour_components(session, data, categories=KNOWN, now=now)
    assert session.scalars(select(Component.id)).all() == []
    return [(error.field, error.code) for error in refused.value.errors]


# --- a file -----------------------------------------------------------------------------------------------------------


def test_a_file_is_poured_in_and_every_component_knows_its_street(
    pour: Pour, conn: Connection, session: Session
) -> None:
    centre = session.scalars(select(Centre).where(Centre.code == STREET)).one()
    session.add(Department(code="water", name="水务所", name_en="Water", centre_id=centre.id))
    session.flush()
    poured = pour(
        f"a1,01001,供水井盖,{HERE},市自来水公司,water,damaged",
        f'a2,01002,"污水井盖, ""大""",{THERE},,,',
        "a3,01001,雨\N{IDEOGRAPHIC SPACE}井盖,121.478277,31.233297,gcj02,,,intact",
    )
    assert (poured.read, poured.made, poured.changed, poured.unchanged, poured.warnings) == (3, 3, 0, 0, [])
    assert find_one(conn, "a1") == {
        "id": "a1", "category_code": "01001", "name": "供水井盖", "lon": 121.4737, "lat": 31.2352,
        "department": {"code": "water", "name": "水务所", "name_en": "Water"},
        "owner": "市自来水公司", "state": "damaged", "retired_at": None,
    }  # fmt: skip
    [told, *_] = components_since(conn, [STREET], 0, 10)["items"]
    assert told[5] == ["水务所", "Water"]
    assert find_one(conn, "a2")["name"] == '污水井盖, "大"'
    assert find_one(conn, "a3")["lon"] == pytest.approx(121.4737, abs=2e-4)
    found = dict(session.execute(select(Component.id, Component.street_code)).all())
    assert found == {"a1": STREET, "a2": OTHER, "a3": STREET}


def test_the_same_file_again_changes_nothing_and_only_what_differs_gets_a_new_number(
    pour: Pour, session: Session
) -> None:
    def numbers() -> dict[str, int]:
        return dict(session.execute(text("SELECT id, changed FROM components")).all())

    lines = [f"a{i},01001,井盖,{HERE},,," for i in range(5)]
    pour(*lines)
    first = numbers()
    again = pour(*lines)
    assert (again.read, again.made, again.changed, again.unchanged) == (5, 0, 0, 5)
    assert numbers() == first
    moved = pour(*lines[1:], f"a0,01001,井盖,{HERE},业主,,")
    assert (moved.made, moved.changed, moved.unchanged) == (0, 1, 4)
    assert {name for name, number in numbers().items() if number != first[name]} == {"a0"}
    assert numbers()["a0"] > max(first.values())


def test_what_a_file_does_not_name_stays_unless_the_file_is_the_whole(pour: Pour, session: Session) -> None:
    pour(f"a,01001,井盖,{HERE},,,", f"b,01001,井盖,{HERE},,,")
    assert pour(f"a,01001,井盖,{HERE},,,").retired == 0
    assert pour(f"a,01001,井盖,{HERE},,,", whole=True).retired == 1
    assert pour(f"a,01001,井盖,{HERE},,,", whole=True).retired == 0
    back = pour(f"b,01001,井盖,{HERE},,,")
    assert (back.made, back.changed) == (0, 1)
    assert session.scalars(select(Component.id).where(Component.retired_at.is_(None))).all() == ["a", "b"]


def test_a_dry_run_says_what_would_happen_and_does_nothing(pour: Pour, session: Session) -> None:
    pour(f"a,01001,井盖,{HERE},,,", f"b,01001,井盖,{HERE},,,")
    told = pour(f"a,01001,新井盖,{HERE},,,", f"c,01001,井盖,{HERE},,,", whole=True, dry=True)
    assert (told.made, told.changed, told.retired) == (1, 1, 1)
    found = session.execute(select(Component.id, Component.name, Component.retired_at).order_by(Component.id)).all()
    assert [tuple(row) for row in found] == [("a", "井盖", None), ("b", "井盖", None)]


def test_an_excel_file_with_a_mark_and_other_columns_is_read(session: Session, now: datetime) -> None:
    data = b"\xef\xbb\xbf" + rows(
        f"x,1,a1,01001,井盖,{HERE}", header="note,no,ID, category_code ,name,lon,lat,crs"
    ).replace(b"\n", b"\r\n")
    assert pour_components(session, data, categories=KNOWN, now=now).made == 1
    assert find_one(session.connection(), "a1")["state"] == "intact"


@pytest.mark.parametrize("bad", [".", "..", "a/b", "a b", "a\tb", "a\x7fb", "a\\b", "a%2fb", "井", "a" * 25])
def test_an_id_that_no_address_can_hold_is_refused(session: Session, now: datetime, bad: str) -> None:
    assert faults(session, now, rows(f"{bad},01001,井盖,{HERE},,,"))[0][0] == "lines.2.id"


def test_an_id_may_have_dots(pour: Pour) -> None:
    assert pour(f"...,01001,井盖,{HERE},,,", f".a,01001,井盖,{HERE},,,", f"a..b,01001,井盖,{HERE},,,").made == 3


def test_every_fault_of_every_line_is_named_and_nothing_is_stored(session: Session, now: datetime) -> None:
    good = f"good,01001,井盖,{HERE},,,"
    data = rows(
        good,
        f"good,01001,井盖,{HERE},,,",
        f"{'x' * 25},99999,,{HERE},{'业' * 121},nobody,broken",
        "b,01001,井盖,31.2352,121.4737,wgs84,,,",
        "c,01001,井盖,1e9,31.2,wgs84,,,",
        "d,01001,井盖,nan,31.2,wgs84,,,",
        "e,01001,井盖,121.47,,,,,",
        "f,01001,井盖,abc,31.2,epsg4326,,,",
        "g,01001,井盖,116.39,39.90,wgs84,,,",
        "h,01001,井\0盖,121.4737,31.2352,wgs84,,,",
        "i,01001,井盖,121.47",
        f"j,01001,井盖,{HERE},,,,,",
        f"l/..,01001,井盖,{HERE},,,",
        f'k,01001,"井盖,{HERE},,,',
    )
    assert faults(session, now, data) == [
        ("lines.3.id", "stands_before"),
        ("lines.4.name", "required"),
        ("lines.4.owner", "too_long"),
        ("lines.4.category_code", "no_component_category"),
        ("lines.4.state", "not_one_of"),
        ("lines.4.id", "bad_form"),
        ("lines.5.lat", "swapped"),
        ("lines.6.lat", "no_place"),
        ("lines.7.lat", "no_place"),
        ("lines.8.lat", "required"),
        ("lines.8.crs", "required"),
        ("lines.9.crs", "not_one_of"),
        ("lines.9.lon", "not_number"),
        ("lines.11.name", "nul_character"),
        ("lines.12", "cells_missing"),
        ("lines.13", "cells_missing"),
        ("lines.14.id", "bad_form"),
        ("lines.15", "bad_quotes"),
        ("lines.10.lat", "outside_grid"),
    ]


def test_an_unknown_or_retired_department_is_a_fault_and_a_distant_one_a_warning(
    pour: Pour, session: Session, now: datetime
) -> None:
    centres = {centre.code: centre.id for centre in session.scalars(select(Centre).where(Centre.code.in_([OTHER])))}
    session.add(Department(code="gone", name="旧", name_en="Old", centre_id=centres[OTHER], retired_at=now))
    session.add(Department(code="far", name="远", name_en="Far", centre_id=centres[OTHER]))
    session.flush()
    lines = [f"{name},01001,井盖,{HERE},,{name}," for name in ("nobody", "gone")]
    assert faults(session, now, rows(*lines)) == [
        ("lines.2.department_code", "no_department"),
        ("lines.3.department_code", "no_department"),
    ]
    poured = pour(f"a,01001,井盖,{HERE},,far,")
    assert [(error.field, error.code) for error in poured.warnings] == [
        ("lines.2.department_code", "department_elsewhere")
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", [(f"lines.1.{name}", "required") for name in HEADER.split(",")[:6]]),
        (HEADER.encode(), [("file", "no_rows")]),
        (HEADER.encode() + b"\n\n\r\n", [("file", "no_rows")]),
        (b"id,id,category_code,name,lon,lat,crs\n", [("lines.1.id", "duplicate")]),
        ("编码,类别\n".encode("gb18030"), [("lines.1", "not_utf8")]),
        (
            rows("a,01001,井盖".encode().decode()).replace("井盖".encode(), "井盖".encode("gb18030")),
            [("lines.2", "not_utf8")],
        ),
        (b'"id,category_code\n', [(f"lines.1.{name}", "required") for name in HEADER.split(",")[:6]]),
        (b"PK\x03\x04\x00\x00", None),
        (b"\xff\xfe" + HEADER.encode("utf-16-le"), [("lines.1", "not_utf8")]),
    ],
)
def test_what_is_no_file_of_components_is_refused(
    data: bytes, expected: list[tuple[str, str]] | None, session: Session, now: datetime
) -> None:
    found = faults(session, now, data)
    assert found == expected or (expected is None and found)


def test_a_file_that_is_all_wrong_is_told_by_a_thousand_faults(session: Session, now: datetime) -> None:
    with pytest.raises(BadComponents) as refused:
        pour_components(session, rows(*["x"] * 1500), categories=KNOWN, now=now)
    assert (len(refused.value.errors), refused.value.data["count"]) == (1000, 1500)


def test_without_a_grid_nothing_can_be_poured(session: Session, now: datetime) -> None:
    session.execute(text("UPDATE editions SET state = 'retired'"))
    with pytest.raises(NoEdition):
        pour_components(session, rows(f"a,01001,井盖,{HERE},,,"), categories=KNOWN, now=now)


def test_two_at_once_wait_for_each_other(sessions: Sessions, now: datetime) -> None:
    data = rows(f"a,01001,井盖,{HERE},,,")
    with sessions.begin() as first:
        pour_components(first, data, categories=KNOWN, now=now)
        with sessions.begin() as second:
            second.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(GridBusy):
                pour_components(second, data, categories=KNOWN, now=now)
            second.rollback()
    with sessions.begin() as third:
        assert pour_components(third, data, categories=KNOWN, now=now).unchanged == 1
        third.execute(text("DELETE FROM components"))


@pytest.mark.slow  # thirty thousand components, twice
def test_many_components_are_poured_in_bulk(session: Session, now: datetime) -> None:
    count = 30_000
    places = [(i, 121.40 + i % 317 * 3e-4, 31.16 + i // 317 * 9e-4) for i in range(count)]
    data = rows(*(f"c{i},01001,井盖{i},{lon:.7f},{lat:.7f},wgs84,,," for i, lon, lat in places))
    statements: list[str] = []
    event.listen(session.connection(), "before_cursor_execute", lambda *args: statements.append(args[2]))
    busy = process_time()
    assert pour_components(session, data, categories=KNOWN, now=now).made == count
    assert process_time() - busy < 15  # 1.5 s where nobody else is at it
    assert len(statements) < 15
    assert pour_components(session, data, categories=KNOWN, now=now).unchanged == count


# --- what phones are told ---------------------------------------------------------------------------------------------


def test_a_phone_is_told_what_is_new_gone_and_moved_since_its_number(pour: Pour, conn: Connection) -> None:
    assert components_since(conn, [STREET], 0, 10) == {"items": [], "gone": [], "last": 0, "more": False}
    pour(f"a,01001,甲,{HERE},业主,,", f"b,01002,乙,{HERE},,,", f"c,01001,丙,{THERE},,,")
    first = components_since(conn, [STREET], 0, 10)
    assert first["items"] == [
        ["a", "01001", "甲", 121.4737, 31.2352, None, "业主", "intact"],
        ["b", "01002", "乙", 121.4737, 31.2352, None, "", "intact"],
    ]
    assert not first["gone"]
    everywhere = components_since(conn, [OTHER, STREET], 0, 10)
    assert len(everywhere["items"]) == 3
    assert components_since(conn, [STREET], first["last"], 10) == {**first, "items": []}

    pour(f"a,01001,甲,{THERE},业主,,", f"c,01001,丙,{THERE},,,", whole=True)
    second = components_since(conn, [STREET], first["last"], 10)
    assert (second["items"], sorted(second["gone"]), second["more"]) == ([], ["a", "b"], False)
    there = components_since(conn, [OTHER], everywhere["last"], 10)
    assert [item[0] for item in there["items"]] == ["a"]
    both = components_since(conn, [OTHER, STREET, OTHER], 0, 10)
    assert ([item[0] for item in both["items"]], both["gone"]) == (["c", "a"], [])

    pour(f"a,01001,甲,{HERE},业主,,")  # and back again
    third = components_since(conn, [STREET], second["last"], 10)
    assert ([item[0] for item in third["items"]], third["gone"]) == (["a"], [])
    assert components_since(conn, [OTHER], second["last"], 10)["gone"] == ["a"]


def test_a_department_that_is_renamed_is_told_anew_with_its_components(
    pour: Pour, conn: Connection, session: Session
) -> None:
    centre = session.scalars(select(Centre).where(Centre.code == STREET)).one()
    department = Department(code="water", name="水务所", name_en="Water", centre_id=centre.id)
    session.add(department)
    session.flush()
    pour(f"a,01001,甲,{HERE},,water,", f"b,01001,乙,{HERE},,,")
    first = components_since(conn, [STREET], 0, 10)
    change_department(session, department, {"name": "水务所", "name_en": "Water", "parent": None})
    assert components_since(conn, [STREET], first["last"], 10)["items"] == []
    for names in (["供水所", "Water"], ["供水所", "Supply"]):
        change_department(session, department, {"name": names[0], "name_en": names[1]})
        [told] = components_since(conn, [STREET], first["last"], 10)["items"]
        assert (told[0], told[5]) == ("a", names)


def test_much_is_told_in_pages_and_by_one_statement(pour: Pour, conn: Connection) -> None:
    pour(*(f"a{i},01001,井盖,{HERE},,," for i in range(7)))
    statements: list[str] = []
    event.listen(conn, "before_cursor_execute", lambda *args: statements.append(args[2]))
    last, told, more = 0, [], True
    while more:
        page = components_since(conn, [STREET], last, 3)
        last, more = page["last"], page["more"]
        told += [item[0] for item in page["items"]]
    assert sorted(told) == [f"a{i}" for i in range(7)]
    assert len(statements) == 3


def test_a_new_grid_places_components_anew(pour: Pour, session: Session, now: datetime) -> None:
    pour(f"a,01001,井盖,{121.43},31.205,wgs84,,,", f"b,01001,井盖,{THERE},,,")
    before = dict(session.execute(select(Component.id, Component.street_code)).all())
    last = components_since(session.connection(), list(before.values()), 0, 9)["last"]
    store(session, read_bytes(as_bytes(town()), name="town"), name="town", now=now)
    activate(session, "town", now=now)
    assert dict(session.execute(select(Component.id, Component.street_code)).all()) == {
        "a": "310102001000", "b": None,
    }  # fmt: skip
    assert sorted(components_since(session.connection(), list(before.values()), last, 9)["gone"]) == ["a", "b"]


# --- found ------------------------------------------------------------------------------------------------------------


def test_components_are_found_near_a_place_the_nearest_first(pour: Pour, conn: Connection) -> None:
    metre = 1 / 110_867
    pour(*(f"a{i},01001,井盖,121.4737,{31.2352 + i * 10 * metre:.7f},wgs84,,," for i in range(6)))
    wanted = ComponentFilter(near=Near(121.4737, 31.2352, 35))
    found = list_components(conn, wanted, limit=10)
    assert [(one["id"], round(one["distance_m"])) for one in found] == [("a0", 0), ("a1", 10), ("a2", 20), ("a3", 30)]
    rest = list_components(conn, wanted, limit=10, after=[found[1]["distance_m"], "a1"])
    assert [one["id"] for one in rest] == ["a2", "a3"]


def test_components_are_found_in_a_box_by_category_and_by_text(pour: Pour, conn: Connection) -> None:
    pour(f"a,01001,供水井盖,{HERE},,,", f"b,01002,污水井盖,{THERE},,,", f"c,02009,路灯100%,{THERE},,,")

    def ids(**wishes: Any) -> list[str]:
        return [one["id"] for one in list_components(conn, ComponentFilter(**wishes), limit=10)]

    assert ids() == ["a", "b", "c"]
    assert ids(box=(121.48, 31.2, 121.5, 31.3)) == ["b", "c"]
    assert ids(class_code="01") == ["a", "b"]
    assert ids(category="02009") == ids(text="0%") == ["c"]
    assert ids(text="井") == ["a", "b"]
    assert ids(text="b") == ["b"]
    assert [one["id"] for one in list_components(conn, ComponentFilter(), limit=2, after=["a"])] == ["b", "c"]
    pour(f"a,01001,供水井盖,{HERE},,,", whole=True)
    assert ids() == ["a"]
    assert find_one(conn, "b")["retired_at"] is not None
    with pytest.raises(NotFound):
        find_one(conn, "nothing")


def test_a_retired_component_is_known_but_its_department_comes_no_more(
    pour: Pour, session: Session, now: datetime
) -> None:
    centre = session.scalars(select(Centre).where(Centre.code == STREET)).one()
    session.add(Department(code="water", name="水务所", name_en="Water", centre_id=centre.id))
    session.flush()
    pour(f"a,01001,井盖,{HERE},,water,", f"b,01001,井盖,{HERE},,,")
    conn = session.connection()
    assert route(conn, centre.line, None, "a", now=now).why["department"]["rule"] == "component"
    pour(f"b,01001,井盖,{HERE},,,", whole=True)
    assert route(conn, centre.line, None, "a", now=now + timedelta(hours=1)).why["department"]["rule"] != "component"


def test_pouring_is_logged(pour: Pour) -> None:
    with structlog.testing.capture_logs() as logs:
        pour(f"a,01001,井盖,{HERE},,,")
        pour(f"a,01001,井盖,{HERE},,,", dry=True)
    assert [entry["event"] for entry in logs] == ["components-poured"]

"""What the inspector's app is told in one answer, and by how few statements."""

from dataclasses import replace
from typing import Any

import pytest
from shapely.geometry import box, mapping
from sqlalchemy import delete, event, select, text

from cases.models import Case
from cases.patrol.roll_calls import Call, call_roll
from cases.stages import Stage, Verb
from cases.syncing import Held, sync
from core.errors import NotFound
from grid.components import component_numbers, pour_components
from grid.models import Centre
from grid.overlays import AreaGiven, read_polygon
from people.accounts import load_actor
from people.duty_areas import give_people, put_area
from people.models import Post
from people.roles import Actor, Role
from tests.cases.patrol.duty import begin
from tests.make import CITY, DISTRICT, JINGAN_PARK, MANHOLE, OTHER_STREET, PEOPLES_SQUARE, STREET, Town, photos

OTHER_DISTRICT = f"{OTHER_STREET[:6]}000000"
STATEMENTS = 16
"""In order, with what finds the rows: the catalogues (all of them, few), the active edition (uq_editions_one_active),
the numbers of components (one row), components (ix_components_street_code_changed, ix_components_moved), duty areas
(ix_duty_people_person_id), the open shift (uq_shifts_person_id_open), roll calls (ix_roll_call_answers_waiting), tasks
by what burns and those without a clock (ix_cases_open_street), their rows (pk_cases), calendars' stamp, photos
(uq_cases_no, pk_case_photos), own reports (ix_cases_reporter_id), unread notices, the open alarm
(uq_alarms_person_id_kind_open)."""


def told(town: Town, by: str = "inspector", **held: Any) -> dict[str, Any]:
    actor = town[by]
    return sync(town.session.connection(), actor, Held(**held), now=town.now, settings=town.settings)


def counted(town: Town, **held: Any) -> tuple[list[str], dict[str, Any]]:
    """The statements of an answer, and the answer."""
    connection = town.session.connection()
    seen: list[str] = []

    def note(*given: Any) -> None:
        seen.append(given[2])

    event.listen(connection, "before_cursor_execute", note)
    found = told(town, **held)
    event.remove(connection, "before_cursor_execute", note)
    return seen, found


def pour(town: Town, *rows: str) -> None:
    data = "id,category_code,name,lon,lat,crs\n" + "".join(f"{row}\n" for row in rows)
    pour_components(town.session, data.encode(), categories={MANHOLE}, now=town.now)


def manhole(number: int, place: tuple[float, float] = PEOPLES_SQUARE) -> str:
    return f"310101-{number:06d},{MANHOLE},井盖{number},{place[0]},{place[1]},wgs84"


def full(town: Town) -> list[Case]:
    """Three tasks, a shift, a roll call, a duty area, components."""
    cases = [town.case(Stage.VERIFYING), town.case(Stage.CHECKING), town.case(Stage.CHECKING)]
    begin(town)
    call = Call(STREET, minutes=10, photo_wanted=True, text="在哪里")
    call_roll(town.session, town["shift_lead"], call, now=town.now)
    pour(town, manhole(1), manhole(2))
    return cases


def test_everything_is_told_in_few_statements_however_much_there_is(town: Town) -> None:
    few, _ = counted(town)
    cases = full(town)
    many, found = counted(town)
    assert len(many) <= STATEMENTS, many
    assert len(few) <= len(many)
    assert {task["no"] for task in found["tasks"]} == {case.no for case in cases}
    assert found["shift"] is not None
    assert [call["photo_wanted"] for call in found["roll_calls"]] == [True]
    assert len(found["components"]["items"]) == 2
    for _ in range(4):
        town.case(Stage.VERIFYING)
    more, found = counted(town)
    assert (len(more), len(found["tasks"])) == (len(many), 7)


def test_a_second_answer_tells_only_what_changed(town: Town) -> None:
    full(town)
    first = told(town)
    held = {name: first[name]["version"] for name in ("categories", "phrases", "grid", "components")}
    again = told(town, **held)
    assert [again[name] for name in ("categories", "phrases", "grid", "components")] == [None] * 4
    pour(town, manhole(3))
    new = told(town, **held)["components"]
    assert ([row[0] for row in new["items"]], new["whole"], new["more"]) == (["310101-000003"], False, False)
    assert new["version"] != held["components"]


def test_the_tasks_come_by_what_burns_with_all_photos_of_the_case(town: Town) -> None:
    named = photos(3)
    case = town.case(Stage.VERIFYING)
    town.do(Verb.VERIFY, case, photos=named)
    for verb in (Verb.FILE, Verb.DISPATCH, Verb.SIGN, Verb.FINISH, Verb.SEND_CHECK):
        town.do(verb, case)
    town.move(minutes=5)
    later = town.case(Stage.CHECKING)
    tasks = told(town)["tasks"]
    assert [task["no"] for task in tasks] == [case.no, later.no]
    assert {str(photo) for photo in tasks[0]["photos"]} >= set(named)
    assert len(tasks[0]["photos"]) == 1 + 3 + 2  # of the report, of the verifying, after the work


def test_own_reports_are_told_lightly_the_newest_first(town: Town) -> None:
    first = town.case()
    town.move(minutes=1)
    quick = town.case(category=None)
    found = told(town)["reports"]
    assert [report["no"] for report in found] == [quick.no, first.no]
    assert found[0].keys() == {"no", "stage", "light", "category", "reported_at", "point"}
    assert found[0]["point"]["crs"] == "wgs84"
    assert (found[0]["category"], found[1]["category"]["code"]) == (None, MANHOLE)
    assert told(town, by="other_inspector")["reports"] == []


def test_the_grid_is_the_district_of_the_post_and_the_city_has_none(town: Town) -> None:
    grid = told(town)["grid"]
    assert grid["version"].split(":")[1] == DISTRICT
    assert {cell["code"] for cell in grid["cells"]} >= {CITY, DISTRICT, STREET}
    assert OTHER_STREET not in {cell["code"] for cell in grid["cells"]}
    city = told(town, by="city_leader")
    assert (city["grid"], city["components"]) == (None, None)


def test_an_inspectors_post_comes_before_others(town: Town) -> None:
    me = town["inspector"]
    town.people["both"] = Actor(me.person_id, me.username, me.name, (*town["other_dispatcher"].seats, *me.seats))
    assert told(town, by="both")["grid"]["version"].split(":")[1] == DISTRICT
    assert told(town, by="both")["components"]["streets"] == sorted([STREET, OTHER_STREET])


def test_components_are_those_of_the_own_street_or_of_a_named_one_in_sight(town: Town) -> None:
    pour(town, manhole(1), manhole(2, JINGAN_PARK))
    assert [row[0] for row in told(town)["components"]["items"]] == ["310101-000001"]
    other = told(town, by="city_leader", street=OTHER_STREET)["components"]
    assert (other["streets"], [row[0] for row in other["items"]]) == ([OTHER_STREET], ["310101-000002"])
    for nowhere in (OTHER_STREET, DISTRICT, "310199999000"):
        with pytest.raises(NotFound):
            told(town, street=nowhere)


def test_components_come_in_pages(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.syncing.COMPONENTS_MOST", 2)
    pour(town, *(manhole(number) for number in range(5)))
    version, found = None, []
    for more in (True, True, False):
        page = told(town, components=version)["components"]
        assert (page["whole"], page["more"]) == (version is None, more)
        version, found = page["version"], found + [row[0] for row in page["items"]]
    assert len(set(found)) == 5


def test_who_moves_to_another_street_is_told_its_components_from_the_start(town: Town) -> None:
    pour(town, manhole(1, JINGAN_PARK), manhole(2))
    before = told(town)["components"]
    town.people["inspector"] = town["other_inspector"]
    after = told(town, components=before["version"])["components"]
    assert (after["whole"], after["streets"]) == (True, [OTHER_STREET])
    assert [row[0] for row in after["items"]] == ["310101-000001"]
    assert told(town, components=after["version"])["components"] is None


def test_who_has_no_street_any_more_forgets_components(town: Town) -> None:
    pour(town, manhole(1))
    before = told(town)["components"]
    after = told(town, by="city_leader", components=before["version"])["components"]
    assert (after["whole"], after["streets"], after["items"], after["more"]) == (True, [], [], False)
    assert told(town, by="city_leader", components=after["version"])["components"] is None


def test_a_street_without_components_takes_the_place_of_one_that_has_some(town: Town) -> None:
    pour(town, manhole(1))
    before = told(town)["components"]
    after = told(town, by="other_inspector", components=before["version"])["components"]
    assert (after["whole"], after["items"]) == (True, [])


@pytest.mark.parametrize("ahead", ["9999999", "99999999999999999", "1", "", "none", "0000000000000000-1"])
def test_a_version_that_was_never_given_out_here_is_none(town: Town, ahead: str) -> None:
    pour(town, manhole(1))
    mark = told(town)["components"]["version"].split("-")[0]
    for version in {ahead, f"{mark}-{ahead}"} - {f"{mark}-1"}:
        assert told(town, components=version)["components"]["whole"]


def test_numbers_of_another_database_are_not_believed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    pour(town, manhole(1))
    before = told(town)["components"]["version"]
    here = component_numbers(town.session.connection())
    monkeypatch.setattr("cases.syncing.component_numbers", lambda _: here._replace(origin="restored"))
    assert told(town, components=before)["components"]["whole"]


def give_area(town: Town, code: str, around: tuple[float, float], by: str, to: str, centre: str = STREET) -> None:
    """A square of some 100 m around the place becomes the person's duty area."""
    kept_by = town.session.scalars(select(Centre).where(Centre.code == centre)).one()
    lon, lat = around
    ground = read_polygon(mapping(box(lon - 0.0005, lat - 0.0005, lon + 0.0005, lat + 0.0005)))
    put_area(town.session, town[by], kept_by, AreaGiven(code, "责任区", ground), now=town.now)
    give_people(town.session, town[by], code, [town[to].person_id or 0], now=town.now)


def post_at(town: Town, name: str, *centres: str) -> None:
    """The person is inspector there and nowhere else."""
    person_id = town[name].person_id
    town.session.execute(delete(Post).where(Post.person_id == person_id))
    for centre_id in town.session.scalars(select(Centre.id).where(Centre.code.in_(centres))):
        town.session.add(Post(person_id=person_id, role=Role.INSPECTOR, centre_id=centre_id))
    town.session.flush()
    town.people[name] = load_actor(town.session, person_id or 0)


def test_the_duty_areas_are_ones_own(town: Town) -> None:
    give_area(town, "D-1", PEOPLES_SQUARE, "shift_lead", "inspector")
    [area] = told(town)["duty_areas"]
    assert (area["code"], area["name"], area["polygon"]["type"]) == ("D-1", "责任区", "MultiPolygon")
    assert told(town, by="acceptor")["duty_areas"] == []


def test_an_inspector_of_a_district_has_the_components_of_the_streets_of_their_duty_areas(town: Town) -> None:
    pour(town, manhole(1), manhole(2, JINGAN_PARK))
    post_at(town, "inspector", DISTRICT)
    found = told(town)
    assert (found["components"], found["grid"]["version"].split(":")[1]) == (None, DISTRICT)
    give_area(town, "D-1", PEOPLES_SQUARE, "district_shift_lead", "inspector", DISTRICT)
    seen, found = counted(town)
    assert len(seen) <= STATEMENTS + 1
    assert (found["components"]["streets"], [row[0] for row in found["components"]["items"]]) == (
        [STREET], ["310101-000001"],
    )  # fmt: skip
    assert told(town, components=found["components"]["version"])["components"] is None


def test_an_inspector_of_several_districts_has_the_grid_of_the_one_where_they_walk(town: Town) -> None:
    pour(town, manhole(1), manhole(2, JINGAN_PARK))
    post_at(town, "inspector", DISTRICT, OTHER_DISTRICT)
    town.people["lead"] = replace(town["district_shift_lead"], seats=town["admin"].seats)
    assert told(town)["grid"]["version"].split(":")[1] in {DISTRICT, OTHER_DISTRICT}
    for centre, place in ((DISTRICT, PEOPLES_SQUARE), (OTHER_DISTRICT, JINGAN_PARK)):
        give_area(town, "D-1", place, "lead", "inspector", centre)
        assert told(town)["grid"]["version"].split(":")[1] == centre
    assert told(town)["components"]["streets"] == [OTHER_STREET]
    post_at(town, "inspector", CITY)
    assert told(town)["grid"]["version"].split(":")[1] == OTHER_DISTRICT, "of the city's inspector, too"


def test_of_many_streets_the_components_are_those_where_most_is_walked(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.syncing.STREETS_MOST", 1)
    post_at(town, "inspector", CITY)
    town.people["lead"] = replace(town["district_shift_lead"], seats=town["admin"].seats)
    give_area(town, "D-1", JINGAN_PARK, "lead", "inspector", CITY)
    lon, lat = PEOPLES_SQUARE
    for code, north in (("D-2", 0.0), ("D-3", 0.0004)):  # together more than the other one
        give_area(town, code, (lon, lat + north), "lead", "inspector", CITY)
    assert told(town)["components"]["streets"] == [STREET]


@pytest.mark.parametrize("by", ["acceptor", "handler", "works_head", "district_leader", "admin", "city_handler"])
def test_who_has_no_inspectors_post_gets_an_answer_too(town: Town, by: str) -> None:
    found = told(town, by=by)
    assert found["person"]["id"] == town[by].person_id
    assert found["tasks"] == []


def test_without_ground_there_is_no_grid(town: Town) -> None:
    town.session.execute(text("UPDATE editions SET state = 'retired' WHERE state = 'active'"))
    assert told(town)["grid"] is None


def test_settings_say_what_the_app_goes_by(town: Town) -> None:
    changed = replace(
        town.settings,
        track=replace(town.settings.track, enabled=True),
        basemap=replace(town.settings.basemap, url="https://t{0-7}.example/{z}/{x}/{y}.png"),
    )
    town.settings = changed
    found = told(town)["settings"]
    assert found["track"] == {"enabled": True, "every_seconds": 20, "batch": 500}
    assert found["basemap"]["url"] == "https://t{0-7}.example/{z}/{x}/{y}.png"
    assert found["push_key"] is None

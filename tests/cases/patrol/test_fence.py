"""The electronic fence: alarms are what the kept points say, however they came."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from cases.models import Alarm, Notice
from cases.notices import NoticeKind, inbox
from grid.models import Centre, Overlay, OverlayKind
from people.models import DutyPerson, Post
from people.roles import Role
from tests.cases.patrol.duty import NORTH_OF_IT, alarms_of, begin, finish, send
from tests.make import JINGAN_PARK, PEOPLES_SQUARE, STREET, Town

HOME, AWAY = PEOPLES_SQUARE, NORTH_OF_IT


def told(town: Town, who: str) -> list[str]:
    return [one["kind"] for one in inbox(town.session, town[who]).items]


def walk(kinds: str, first: float, step: float = 1) -> list[tuple[float, tuple[float, float]]]:
    """A point a minute: h at home, a away, blank: none."""
    return [(first + index * step, HOME if kind == "h" else AWAY) for index, kind in enumerate(kinds) if kind != " "]


def test_who_is_outside_for_five_minutes_raises_an_alarm_once(town: Town) -> None:
    begin(town, ago=30)
    assert send(town, *walk("haaaaa", -10)).alarm is None
    taken = send(town, *walk("aaa", -4))
    assert taken.alarm == {"kind": "outside", "started_at": town.now - timedelta(minutes=9)}
    assert told(town, "shift_lead") == told(town, "inspector") == [NoticeKind.FENCE]
    assert send(town, *walk("a", 0)).alarm == taken.alarm
    assert told(town, "leader") == [], "its shift lead knows"
    assert told(town, "shift_lead") == [NoticeKind.FENCE]
    notice = inbox(town.session, town["shift_lead"]).items[0]
    assert (notice["data"]["name"], notice["data"]["alarm"], notice["case"]) == ("inspector", "outside", None)


def test_coming_back_ends_it(town: Town) -> None:
    begin(town, ago=30)
    send(town, *walk("aaaaaa", -10))
    assert send(town, (-4, HOME)).alarm is None
    assert alarms_of(town) == [(-10, -4)]


def test_a_late_batch_is_judged_by_its_own_times_and_tells_nobody_what_is_over(town: Town) -> None:
    begin(town, ago=120)
    assert send(town, *walk("haaaaaaahhh", -70)).alarm is None
    assert alarms_of(town) == [(-69, -62)]
    assert told(town, "shift_lead") == []


def test_a_batch_after_the_shift_is_judged_to_its_end(town: Town) -> None:
    shift = begin(town, ago=120)
    finish(town, shift, town.now - timedelta(minutes=60))
    later = begin(town, ago=10)
    send(town, *walk("aaaaaa", -10))
    send(town, *walk("aaaaaaaaaaa", -70))
    assert alarms_of(town) == [(-70, -60), (-10, None)]
    assert later.ended_at is None


def test_a_position_that_may_be_inside_is_no_alarm(town: Town) -> None:
    begin(town, ago=30)
    send(town, *walk("aaaaaaaa", -10), accuracy=8000)
    assert alarms_of(town) == []


def test_the_edge_has_a_margin(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(town, ago=30)
    monkeypatch.setattr("cases.patrol.fence.distances", lambda *_: [105.0] * 8)
    send(town, *walk("aaaaaaaa", -10), accuracy=6)
    assert alarms_of(town) == []
    monkeypatch.setattr("cases.patrol.fence.distances", lambda *_: [105.0] * 9)
    send(town, (-2.5, AWAY), accuracy=4)
    assert alarms_of(town) == []


def make_area(town: Town, place: tuple[float, float], who: str = "inspector") -> Overlay:
    """A duty area of some hundred metres around a place."""
    centre = town.session.scalars(select(Centre).where(Centre.code == STREET)).one()
    from grid.coordinates import to_plane

    x, y = to_plane(*place)
    area = Overlay(
        kind=OverlayKind.DUTY_GRID, code=f"d{place[1]}", name="东片", centre_id=centre.id, changed_at=town.now,
        geom=f"SRID=4326;MULTIPOLYGON((({ring(*place, 0.002)})))", plane=f"MULTIPOLYGON((({ring(x, y, 200)})))",
    )  # fmt: skip
    town.session.add(area)
    town.session.flush()
    town.session.add(DutyPerson(overlay_id=area.id, person_id=town[who].person_id, since=town.now))
    town.session.flush()
    return area


def ring(x: float, y: float, side: float) -> str:
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    return ", ".join(f"{x + side * i} {y + side * j}" for i, j in corners)


def test_the_duty_area_counts_and_without_one_the_centres_cell(town: Town) -> None:
    make_area(town, AWAY)
    begin(town, ago=30)
    begin(town, "other_inspector", ago=30)
    send(town, *walk("aaaaaaaahhhhhhhh", -20))
    assert alarms_of(town) == [(-12, None)]
    send(town, *((-m, JINGAN_PARK) for m in range(8)), who="other_inspector")
    assert alarms_of(town, "other_inspector") == []


def test_several_areas_are_one_ground_and_a_retired_one_is_none(town: Town) -> None:
    area = make_area(town, AWAY)
    make_area(town, HOME)
    begin(town, ago=30)
    send(town, *walk("ahahahahah", -20))
    assert alarms_of(town) == []
    area.retired_at = town.now
    town.session.flush()
    send(town, *walk("aaaaaa", -6))
    assert alarms_of(town) == [(-6, None)]


def test_without_any_ground_nobody_is_outside(town: Town) -> None:
    begin(town, ago=30)
    town.session.execute(text("UPDATE editions SET state = 'retired'"))
    send(town, *walk("aaaaaaa", -7))
    assert alarms_of(town) == []


def test_as_far_off_as_points_are_taken_is_outside_and_the_other_side_of_the_globe_is_no_place(town: Town) -> None:
    begin(town, ago=30)
    send(town, *((-m, (-58.5, -31.2)) for m in range(7)))
    assert alarms_of(town) == []
    send(town, *((-m, (123.6, 33.1)) for m in range(7)))
    assert alarms_of(town) == [(-6, None)]


def test_a_fence_that_is_off_says_nothing(town: Town) -> None:
    town.settings = replace(town.settings, fence=replace(town.settings.fence, enabled=False))
    begin(town, ago=30)
    assert send(town, *walk("aaaaaaa", -7)).alarm is None


def test_the_shift_lead_above_is_told_where_the_centre_has_none(town: Town) -> None:
    town.session.execute(text("DELETE FROM posts WHERE person_id = :lead"), {"lead": town["shift_lead"].person_id})
    begin(town, ago=30)
    send(town, *walk("aaaaaaa", -7))
    assert told(town, "district_shift_lead") == [NoticeKind.FENCE]
    town.session.execute(text("DELETE FROM posts WHERE role = 'shift_lead'"))
    assert town.session.scalar(select(func.count()).select_from(Post).where(Post.role == Role.SHIFT_LEAD)) == 0
    begin(town, "other_inspector", ago=30)
    send(town, *walk("aaaaaaa", -7), who="other_inspector")
    assert told(town, "other_inspector") == [NoticeKind.FENCE]


def test_standing_still_is_an_alarm_where_that_is_asked_for(town: Town) -> None:
    town.settings = replace(town.settings, fence=replace(town.settings.fence, idle_minutes=10))
    begin(town, ago=60)
    stroll = (121.4750, 31.2310)
    assert send(town, *((m, HOME) for m in range(-30, -20))).alarm is None
    assert send(town, (-20, HOME)).alarm == {"kind": "idle", "started_at": town.now - timedelta(minutes=30)}
    assert send(town, (-19, stroll)).alarm is None
    assert alarms_of(town) == [(-30, -19)]


# --- however it came --------------------------------------------------------------------------------------------------

WALK = st.text("ha ", min_size=1, max_size=40)


@pytest.mark.slow  # writes each walk three times
@settings(max_examples=12, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WALK, st.data())
def test_neither_cuts_nor_copies_nor_the_order_of_batches_make_a_difference(
    town: Town, kinds: str, data: st.DataObject
) -> None:
    points = walk(kinds, -len(kinds), 1)
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(points) - 1)), max_size=6)))
    batches = [points[a:b] for a, b in zip([0, *cuts], [*cuts, len(points)], strict=True)]
    shuffled = data.draw(st.permutations(batches))
    twice = [*batches, *data.draw(st.lists(st.sampled_from(batches), max_size=3))]
    found = []
    for order in ([points], batches, twice, shuffled):
        with town.session.begin_nested() as trial:
            begin(town, ago=60)
            for batch in order:
                send(town, *batch)
            found.append(alarms_of(town))
            town.session.expire_all()
            trial.rollback()
    assert found[1:] == [found[0]] * 3


def test_a_piece_of_the_track_that_comes_last_puts_the_alarm_right(town: Town) -> None:
    begin(town, ago=60)
    send(town, *walk("aaaa    aaaaaaa", -30))
    assert alarms_of(town) == [(-30, None)]
    send(town, (-24.5, HOME))
    assert alarms_of(town) == [(-22, None)]
    send(town, (-19.5, HOME))
    assert alarms_of(town) == []
    assert town.session.scalar(select(func.count()).select_from(Alarm)) == 0
    assert town.session.scalar(select(func.count()).select_from(Notice).where(Notice.kind == "fence")) in {2, 4}

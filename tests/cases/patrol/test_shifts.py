"""Clocking in and out: one shift at a time, sent as often as the net makes it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from cases.errors import OnDutyElsewhere, ShiftDiffers, ShiftEnded, ShiftOverlaps
from cases.intake.body import PointBody
from cases.models import Alarm, AlarmKind, Shift, Track
from cases.patrol.shift_list import ShiftFilter, list_shifts, show_shift
from cases.patrol.shifts import FORGOTTEN_AFTER, End, Start, clock_in, clock_out, close_forgotten, open_shift_of
from core.errors import Invalid, NotAllowed, NotFound
from grid.coordinates import Crs
from people.roles import Role
from tests.cases.patrol.duty import begin, finish
from tests.make import DISTRICT, OTHER_STREET, PEOPLES_SQUARE, STREET, Town


def points_of(town: Town, who: str = "inspector") -> list[float]:
    """Minutes from now of the points that are kept."""
    found = town.session.scalars(select(Track.at).where(Track.person_id == town[who].person_id).order_by(Track.at))
    return [(at - town.now) / timedelta(minutes=1) for at in found]


def keep_points(town: Town, *minutes: float, who: str = "inspector") -> None:
    for minute in minutes:
        row = {"person_id": town[who].person_id, "at": town.now + timedelta(minutes=minute)}
        town.session.execute(insert(Track).values(row | {"lon": 121.47, "lat": 31.23, "received_at": town.now}))


def test_clocking_in_again_by_the_same_id_changes_nothing(town: Town) -> None:
    first = begin(town, ago=1)
    start = Start(first.started_at)
    town.move(hours=1)
    again = clock_in(town.session, town["inspector"], first.id, start, now=town.now, settings=town.settings)
    assert (again.created, again.shift.id, again.shift.started_received_at) == (
        False,
        first.id,
        first.started_received_at,
    )
    assert open_shift_of(town.session, town["inspector"].person_id) == {"id": first.id, "started_at": first.started_at}


def test_a_late_copy_of_a_clocking_in_is_still_the_same_after_a_month(town: Town) -> None:
    first = begin(town)
    finish(town, first, town.now)
    town.move(days=30)
    start = Start(first.started_at)
    assert not clock_in(town.session, town["inspector"], first.id, start, now=town.now, settings=town.settings).created


def test_nobody_is_on_duty_twice_and_the_no_names_the_other_shift(town: Town) -> None:
    first = begin(town)
    with pytest.raises(OnDutyElsewhere) as refused:
        begin(town)
    assert refused.value.data == {"shift": str(first.id), "started_at": first.started_at}
    assert begin(town, "other_inspector").person_id == town["other_inspector"].person_id


def test_an_id_stays_with_its_first_body_and_person(town: Town) -> None:
    first = begin(town)
    with pytest.raises(ShiftDiffers):
        begin(town, shift_id=first.id, ago=3)
    with pytest.raises(ShiftDiffers):
        begin(town, "other_inspector", shift_id=first.id)


HERE = PointBody(crs=Crs.WGS84, lon=PEOPLES_SQUARE[0], lat=PEOPLES_SQUARE[1], accuracy_m=8)
THERE = PointBody(crs=Crs.WGS84, lon=PEOPLES_SQUARE[0] + 1e-6, lat=PEOPLES_SQUARE[1])


def test_the_same_id_with_another_place_or_centre_is_refused_and_with_the_same_is_not(town: Town) -> None:
    first = begin(town, point=HERE, centre_code=STREET)
    for same in ({"point": HERE, "centre_code": STREET}, {"point": HERE}):
        town.session.expire_all()
        assert begin(town, shift_id=first.id, **same).id == first.id
    for other in ({"point": THERE}, {}, {"point": HERE, "centre_code": OTHER_STREET}):
        with pytest.raises(ShiftDiffers):
            begin(town, shift_id=first.id, **other)
    assert show_shift(town.session, first.id)["started_point"] == {"lon": HERE.lon, "lat": HERE.lat}


def test_a_shift_that_ended_here_did_not_end_there(town: Town) -> None:
    shift = begin(town, ago=60)

    def end(point: PointBody | None) -> Shift:
        ending = End(town.now, point)
        return clock_out(town.session, town["inspector"], shift.id, ending, now=town.now, settings=town.settings)

    end(HERE)
    town.session.expire_all()
    end(HERE)
    for other in (THERE, None):
        with pytest.raises(ShiftEnded):
            end(other)


@pytest.mark.parametrize(("minutes", "code"), [(11, "in_future"), (-7 * 24 * 60 - 1, "older_than_days")])
def test_a_moment_that_no_clock_of_ours_could_show_is_refused(town: Town, minutes: float, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        begin(town, ago=-minutes)
    assert [(one.field, one.code) for one in refused.value.errors] == [("started_at", code)]
    assert open_shift_of(town.session, town["inspector"].person_id) is None


def test_only_an_inspector_clocks_in_and_only_on_a_beat_of_theirs(town: Town) -> None:
    with pytest.raises(NotAllowed):
        begin(town, "shift_lead")
    with pytest.raises(Invalid) as refused:
        begin(town, centre_code=OTHER_STREET)
    assert refused.value.errors[0].code == "not_on_this_beat"
    seat = next(seat for seat in town["inspector"].seats if seat.role is Role.INSPECTOR)
    assert begin(town, centre_code=STREET).centre_id == seat.centre_id


def test_clocking_out_again_changes_nothing_and_another_moment_is_refused(town: Town) -> None:
    shift = begin(town, ago=60)
    ended = finish(town, shift, town.now)
    assert finish(town, shift, town.now).ended_received_at == ended.ended_received_at
    with pytest.raises(ShiftEnded):
        finish(town, shift, town.now - timedelta(minutes=1))
    with pytest.raises(NotFound):
        finish(town, shift, town.now, who="other_inspector")
    with pytest.raises(NotFound):
        clock_out(town.session, town["inspector"], uuid4(), End(town.now), now=town.now, settings=town.settings)


def test_a_shift_does_not_end_before_it_began_or_tomorrow(town: Town) -> None:
    shift = begin(town)
    for minutes, code in ((-1, "before_from"), (11, "in_future")):
        with pytest.raises(Invalid) as refused:
            finish(town, shift, town.now + timedelta(minutes=minutes))
        assert refused.value.errors[0].code == code
    assert shift.ended_at is None


def test_points_behind_the_end_are_forgotten_and_those_of_another_shift_stay(town: Town) -> None:
    shift = begin(town, ago=60)
    finish(town, shift, town.now - timedelta(minutes=30))
    later = begin(town, ago=10)
    keep_points(town, -40, -9, -2)
    shift.ended_received_at = None  # as if the server had closed it
    town.session.flush()
    finish(town, shift, town.now - timedelta(minutes=45))
    assert points_of(town) == [-9, -2]
    finish(town, later, town.now - timedelta(minutes=5))
    assert points_of(town) == [-9]


def test_alarms_end_with_the_shift(town: Town) -> None:
    shift = begin(town, ago=60)
    for kind, ago in ((AlarmKind.OUTSIDE, 20), (AlarmKind.IDLE, 5)):
        town.session.add(
            Alarm(
                kind=kind, person_id=shift.person_id, shift_id=shift.id, centre_id=shift.centre_id,
                started_at=town.now - timedelta(minutes=ago), point="SRID=4326;POINT(121 31)",
            )
        )  # fmt: skip
    town.session.flush()
    finish(town, shift, town.now - timedelta(minutes=10))
    left = town.session.scalars(select(Alarm)).all()
    assert [(alarm.kind, alarm.ended_at) for alarm in left] == [(AlarmKind.OUTSIDE, town.now - timedelta(minutes=10))]


def test_a_forgotten_shift_is_closed_at_its_last_point(town: Town) -> None:
    shift = begin(town)
    keep_points(town, 100, 400)
    begun = town.now
    town.move(hours=15, minutes=59)
    assert close_forgotten(town.session, now=town.now) == 0
    town.move(minutes=2)
    assert close_forgotten(town.session, now=town.now) == 1
    assert close_forgotten(town.session, now=town.now) == 0
    assert (shift.ended_at, shift.ended_received_at) == (begun + timedelta(minutes=400), None)
    assert show_shift(town.session, shift.id)["forgotten"]


def test_a_forgotten_shift_without_points_ends_after_sixteen_hours(town: Town) -> None:
    shift = begin(town)
    begun = town.now
    town.move(days=3)
    assert close_forgotten(town.session, now=town.now) == 1
    assert shift.ended_at == begun + FORGOTTEN_AFTER


def test_the_phone_that_comes_back_says_when_a_forgotten_shift_really_ended(town: Town) -> None:
    shift = begin(town)
    town.move(days=1)
    close_forgotten(town.session, now=town.now)
    ended = finish(town, shift, town.now - timedelta(hours=16))
    assert (ended.ended_at, ended.ended_received_at) == (town.now - timedelta(hours=16), town.now)
    with pytest.raises(ShiftEnded):
        finish(town, shift, town.now)


def test_a_shift_that_is_told_late_waits_for_its_own_end(town: Town) -> None:
    shift = begin(town, ago=20 * 60)
    assert close_forgotten(town.session, now=town.now) == 0
    assert finish(town, shift, town.now - timedelta(hours=12)).ended_received_at == town.now


def test_people_see_their_own_shifts_and_leads_those_on_their_ground(town: Town) -> None:
    mine, other = begin(town), begin(town, "other_inspector", ago=5)

    def seen(who: str, **wanted: object) -> list[object]:
        filters = ShiftFilter(**wanted)
        items = list_shifts(town.session, town[who], filters, limit=10, after=None, settings=town.settings)
        return [one["id"] for one in items]

    assert seen("inspector") == [mine.id]
    assert seen("shift_lead") == seen("district_leader", centre=STREET) == [mine.id]
    assert seen("admin") == [mine.id, other.id]
    assert seen("works_head") == []
    assert seen("admin", open=False) == []
    day = (town.now + timedelta(hours=8)).date()
    assert seen("shift_lead", on=day, open=True) == [mine.id]
    assert seen("shift_lead", on=day - timedelta(days=1)) == []
    with pytest.raises(NotFound):
        seen("shift_lead", centre=OTHER_STREET)
    with pytest.raises(NotFound):
        seen("shift_lead", centre=DISTRICT)
    with pytest.raises(NotAllowed):
        seen("inspector", centre=STREET)


def test_the_list_of_shifts_goes_on_where_the_page_ended(town: Town) -> None:
    first = begin(town, ago=300)
    finish(town, first, town.now - timedelta(minutes=200))
    second = begin(town, ago=100)
    every = ShiftFilter()
    page = list_shifts(town.session, town["admin"], every, limit=1, after=None, settings=town.settings)
    assert [one["id"] for one in page] == [second.id]
    after = (page[0]["started_at"], str(page[0]["id"]))
    following = list_shifts(town.session, town["admin"], every, limit=5, after=after, settings=town.settings)
    assert [one["id"] for one in following] == [first.id]
    assert isinstance(town.session.get_one(Shift, first.id), Shift)


def test_what_the_phones_own_clock_said_is_kept_where_it_is_another_moment(town: Town) -> None:
    wrong = datetime(1970, 1, 1, 0, 3, tzinfo=UTC)
    shift = begin(town, ago=60, device_at=wrong)
    for device_at in (wrong, town.now):  # a remark: another one is no other clocking in
        assert begin(town, shift_id=shift.id, ago=60, device_at=device_at).id == shift.id
    ending = End(town.now, device_at=town.now)
    clock_out(town.session, town["inspector"], shift.id, ending, now=town.now, settings=town.settings)
    shown = show_shift(town.session, shift.id)
    assert (shown["started_device_at"], shown["ended_device_at"]) == (wrong, None)
    town.session.refresh(shift)
    assert (shift.started_device_at, shift.ended_device_at) == (wrong, town.now)


# --- two shifts of one person -----------------------------------------------------------------------------------------


def minutes_of(town: Town, shift: Shift) -> tuple[float, float | None]:
    town.session.refresh(shift)
    ends = None if shift.ended_at is None else (shift.ended_at - town.now) / timedelta(minutes=1)
    return (shift.started_at - town.now) / timedelta(minutes=1), ends


def test_no_shift_begins_within_another_that_has_ended_and_the_no_names_it(town: Town) -> None:
    first = begin(town, ago=180)
    finish(town, first, town.now - timedelta(minutes=60))
    for ago in (180, 120, 63):
        with pytest.raises(ShiftOverlaps) as refused:
            begin(town, ago=ago)
        assert (refused.value.data["shift"], refused.value.data["ended_at"]) == (str(first.id), first.ended_at)
    assert len(town.session.scalars(select(Shift)).all()) == 1
    assert begin(town, "other_inspector", ago=120)


def test_clocks_may_differ_a_little_between_two_shifts(town: Town) -> None:
    first = begin(town, ago=180)
    finish(town, first, town.now - timedelta(minutes=60))
    second = begin(town, ago=61)
    assert minutes_of(town, second) == (-61, None)


def test_a_shift_told_late_stands_before_the_one_that_is_open_and_ends_by_its_own_word(town: Town) -> None:
    now = begin(town, ago=30)
    late = begin(town, ago=300)
    assert minutes_of(town, late) == (-300, -30)
    assert show_shift(town.session, late.id)["forgotten"]
    assert minutes_of(town, now) == (-30, None)
    finish(town, late, town.now - timedelta(minutes=90))
    assert minutes_of(town, late) == (-300, -90)
    assert not show_shift(town.session, late.id)["forgotten"]


def test_a_shift_told_late_is_no_longer_than_a_shift_is(town: Town) -> None:
    begin(town, ago=30)
    late = begin(town, ago=2 * 24 * 60)
    assert late.ended_at == late.started_at + FORGOTTEN_AFTER


def test_no_shift_ends_within_another_and_the_no_names_it(town: Town) -> None:
    now = begin(town, ago=30)
    late = begin(town, ago=300)
    with pytest.raises(ShiftOverlaps) as refused:
        finish(town, late, town.now - timedelta(minutes=10))
    assert (refused.value.data["shift"], refused.value.data["ended_at"]) == (str(now.id), None)
    assert minutes_of(town, late) == (-300, -30)
    finish(town, late, town.now - timedelta(minutes=29))


def test_an_end_that_was_guessed_gives_way_to_the_next_shift(town: Town) -> None:
    forgotten = begin(town)
    keep_points(town, 300, 500, 610)
    begun = town.now
    town.move(hours=17)
    close_forgotten(town.session, now=town.now)
    assert forgotten.ended_at == begun + timedelta(minutes=610)
    after = begun + timedelta(minutes=450)
    second = begin(town, ago=(town.now - after) / timedelta(minutes=1))
    town.session.refresh(forgotten)
    assert (forgotten.ended_at, forgotten.ended_received_at, second.ended_at) == (after, None, None)
    assert points_of(town) == [-720, -520, -410]  # the later ones are the new shift's now
    finish(town, forgotten, begun + timedelta(minutes=400))
    assert points_of(town) == [-720, -520, -410]

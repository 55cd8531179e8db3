"""Roll calls: who is asked, what an answer must be, and how it counts."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from cases.errors import NobodyOnDuty, PhotoNotYours, RollCallAnswered
from cases.intake.body import PointBody
from cases.models import Photo
from cases.notices import NoticeKind, inbox
from cases.patrol.roll_calls import STANDS, Call, Replied, Reply, answer_call, call_roll, waiting_calls
from cases.patrol.roll_list import AnswerState, list_calls, show_call, state_of
from cases.photos import _may_see
from core.errors import Invalid, NotAllowed, NotFound
from grid.coordinates import Crs
from tests.cases.patrol.duty import NORTH_OF_IT, begin
from tests.make import CITY, DISTRICT, OTHER_STREET, PEOPLES_SQUARE, STREET, Town


def call(town: Town, by: str = "shift_lead", centre: str = STREET, **more: object) -> int:
    made = call_roll(town.session, town[by], Call(centre, 10, **more), now=town.now)
    return made.call.id


def reply(town: Town, call_id: int, who: str = "inspector", at: float = 0, **more: object) -> Replied:
    given = Reply(town.now + timedelta(minutes=at), **more)
    return answer_call(town.session, town[who], call_id, given, now=town.now, settings=town.settings)


def states(town: Town, call_id: int) -> dict[str, str]:
    shown = show_call(town.session, town["admin"], call_id, now=town.now)
    return {one["person"]["name"]: one["state"] for one in shown["answers"]}


def test_everybody_on_duty_below_the_centre_is_asked_and_told(town: Town) -> None:
    begin(town)
    begin(town, "other_inspector")
    first = call(town, text="请报位置")
    assert states(town, first) == {"inspector": AnswerState.WAITING}
    assert states(town, call(town, "admin", CITY)).keys() == {"inspector", "other_inspector"}
    notices = inbox(town.session, town["inspector"]).items
    assert [one["kind"] for one in notices] == [NoticeKind.ROLL_CALL] * 2
    assert notices[1]["data"]["roll_call"] == first
    waiting = waiting_calls(town.session, town["inspector"].person_id, now=town.now)
    assert waiting[0]["id"] == first


def test_nobody_on_duty_is_nobody_to_call(town: Town) -> None:
    with pytest.raises(NobodyOnDuty):
        call(town)


def test_named_people_are_asked_on_duty_or_not_if_they_walk_there(town: Town) -> None:
    assert states(town, call(town, people=[town["inspector"].person_id])) == {"inspector": AnswerState.WAITING}
    for stranger in ("other_inspector", "handler"):
        with pytest.raises(Invalid) as refused:
            call(town, people=[town["inspector"].person_id, town[stranger].person_id])
        assert refused.value.errors[0].code == "no_such_inspector"


def test_only_who_leads_the_patrol_calls_the_roll(town: Town) -> None:
    begin(town)
    with pytest.raises(NotAllowed):
        call(town, "dispatcher")
    with pytest.raises(NotFound):
        call(town, "shift_lead", OTHER_STREET)
    with pytest.raises(NotFound):
        call(town, "shift_lead", DISTRICT)
    with pytest.raises(NotFound):
        show_call(town.session, town["other_dispatcher"], call(town), now=town.now)


def test_an_answer_in_time_late_and_missed_are_told_apart(town: Town) -> None:
    begin(town)
    first, second, third = call(town), call(town), call(town)
    town.move(minutes=30)
    assert not reply(town, first, at=-25).late, "captured in time, sent from the cellar half an hour later"
    assert reply(town, second, at=-1).late
    assert states(town, first) == {"inspector": AnswerState.ANSWERED}
    assert states(town, second) == {"inspector": AnswerState.LATE}
    assert states(town, third) == {"inspector": AnswerState.MISSED}
    listed = list_calls(town.session, town["shift_lead"], centre=STREET, limit=10, before=None, now=town.now)
    empty = {"asked": 1, "waiting": 0, "answered": 0, "late": 0, "missed": 0}
    assert [one["counts"] for one in listed] == [empty | {"missed": 1}, empty | {"late": 1}, empty | {"answered": 1}]
    older = list_calls(town.session, town["shift_lead"], centre=None, limit=10, before=second, now=town.now)
    assert [one["id"] for one in older] == [first]


def test_the_last_moment_is_still_in_time(town: Town) -> None:
    assert state_of(town.now, town.now, now=town.now) is AnswerState.ANSWERED
    assert state_of(None, town.now, now=town.now) is AnswerState.WAITING


def test_the_same_answer_again_changes_nothing_and_another_is_refused(town: Town) -> None:
    begin(town)
    asked = call(town)
    given = reply(town, asked)
    heard = given.row.received_at
    town.move(minutes=20)
    assert reply(town, asked, at=-20).row.received_at == heard
    with pytest.raises(RollCallAnswered):
        reply(town, asked)
    assert waiting_calls(town.session, town["inspector"].person_id, now=town.now) == []


def test_an_answer_from_another_place_is_another_answer(town: Town) -> None:
    begin(town)
    asked = call(town)
    here, there = (PointBody(crs=Crs.WGS84, lon=lon, lat=PEOPLES_SQUARE[1]) for lon in (121.47, 121.48))
    reply(town, asked, point=here)
    for fresh in (False, True):
        if fresh:
            town.session.expire_all()
        reply(town, asked, point=here)
        for other in (there, None):
            with pytest.raises(RollCallAnswered):
                reply(town, asked, point=other)


@pytest.mark.parametrize("off", [0, -300])
def test_what_the_phones_own_clock_said_is_kept_where_it_is_another_moment(town: Town, off: int) -> None:
    begin(town)
    asked = call(town)
    said = town.now + timedelta(minutes=off)
    assert reply(town, asked, device_at=said).row.device_at == said
    [answer] = show_call(town.session, town["admin"], asked, now=town.now)["answers"]
    assert answer["device_at"] == (said if off else None)


def test_who_was_not_asked_does_not_answer(town: Town) -> None:
    begin(town)
    asked = call(town)
    for who, number in (("other_inspector", asked), ("shift_lead", asked), ("inspector", asked + 1)):
        with pytest.raises(NotFound):
            reply(town, number, who)


def test_an_answer_needs_a_moment_of_the_call_and_the_photo_that_was_asked_for(town: Town) -> None:
    begin(town)
    asked = call(town, photo_wanted=True)
    for at, field, code in (
        (-11, "answered_at", "before_call"),
        (11, "answered_at", "in_future"),
        (0, "photo", "roll_call_photo"),
    ):
        with pytest.raises(Invalid) as refused:
            reply(town, asked, at=at, photo=None if field == "photo" else uuid4())
        assert [(one.field, one.code) for one in refused.value.errors] == [(field, code)]
    photo = uuid4()
    assert reply(town, asked, at=-1, photo=photo).row.photo_id == photo


def keep_photo(town: Town, photo: UUID, who: str) -> Photo:
    values = {"id": photo, "sha256": "0" * 64, "media_type": "image/jpeg", "bytes": 9}
    town.session.execute(insert(Photo).values(values | {"person_id": town[who].person_id, "received_at": town.now}))
    return town.session.get_one(Photo, photo)


def test_an_answers_photo_is_ones_own_and_shown_to_the_lead_alone(town: Town) -> None:
    begin(town)
    foreign = uuid4()
    keep_photo(town, foreign, "other_inspector")
    with pytest.raises(PhotoNotYours):
        reply(town, call(town), photo=foreign)
    asked, photo = call(town), uuid4()
    reply(town, asked, photo=photo)
    shown = show_call(town.session, town["shift_lead"], asked, now=town.now)["answers"][0]
    assert (shown["photo"], shown["photo_named"]) == (None, True)
    row = keep_photo(town, photo, "inspector")
    assert show_call(town.session, town["shift_lead"], asked, now=town.now)["answers"][0]["photo"] == photo
    seen = {who for who in town.people if _may_see(town.session, town[who], row)}
    assert seen == {
        "inspector", "shift_lead", "leader", "district_shift_lead", "district_leader", "city_leader", "admin"
    }  # fmt: skip


def test_a_strangers_bytes_open_nothing(town: Town) -> None:
    begin(town)
    asked, photo = call(town), uuid4()
    reply(town, asked, photo=photo)
    row = keep_photo(town, photo, "other_inspector")
    assert not _may_see(town.session, town["shift_lead"], row)
    assert show_call(town.session, town["shift_lead"], asked, now=town.now)["answers"][0]["photo"] is None


def test_how_far_off_the_area_an_answer_was_is_shown(town: Town) -> None:
    begin(town)
    begin(town, "other_inspector")
    asked = call(town, "admin", CITY)
    reply(town, asked, point=PointBody(crs=Crs.WGS84, lon=PEOPLES_SQUARE[0], lat=PEOPLES_SQUARE[1], accuracy_m=7.0))
    reply(town, asked, "other_inspector")
    answers = show_call(town.session, town["admin"], asked, now=town.now)["answers"]
    assert [(one["away_m"], one["accuracy_m"], one["point"] is None) for one in answers] == [
        (0, 7, False),
        (None, None, True),
    ]
    at_street = call(town)
    reply(town, at_street, point=PointBody(crs=Crs.WGS84, lon=NORTH_OF_IT[0], lat=NORTH_OF_IT[1]))
    away = show_call(town.session, town["shift_lead"], at_street, now=town.now)["answers"][0]["away_m"]
    assert 5_000 < away < 9_000


def test_an_old_call_no_longer_waits(town: Town) -> None:
    begin(town)
    call(town)
    town.move(minutes=10)
    town.now += STANDS - timedelta(seconds=1)
    assert len(waiting_calls(town.session, town["inspector"].person_id, now=town.now)) == 1
    town.move(seconds=1)
    assert waiting_calls(town.session, town["inspector"].person_id, now=town.now) == []

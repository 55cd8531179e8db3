"""Joint work, units, two limits and supervision over HTTP, each no in words."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from cases.models import Category, FilingCondition
from cases.workdays import Unit
from core.db import Sessions
from grid.models import Centre, Department
from people.accounts import add_person, give_post
from people.roles import Role
from tests.make import DISTRICT, STREET
from tests.web.conftest import PASSWORD, Browser
from tests.web.test_requests_api import problem
from tests.web.test_verbs import do, report

CASES = "/api/v1/cases"
PIPES, TREES, SQUAD = "a-pipes", "a-trees", "a-pipes-1"


@pytest.fixture
def morning(monkeypatch: pytest.MonkeyPatch, now: datetime) -> datetime:
    monkeypatch.setattr("web.transaction.read_clock", lambda: now)
    return now


@pytest.fixture
def departments(sessions: Sessions, morning: datetime) -> None:
    """Two departments of the street, and a unit below the first."""
    with sessions.begin() as session:
        centre_id = session.scalar(select(Centre.id).where(Centre.code == STREET))
        pipes, trees = (Department(code=one, name=one, name_en=one, centre_id=centre_id) for one in (PIPES, TREES))
        session.add_all([pipes, trees])
        session.flush()
        session.add(Department(code=SQUAD, name=SQUAD, name_en=SQUAD, centre_id=centre_id, parent_id=pipes.id))


@pytest.fixture
def person(app: Flask, sessions: Sessions, departments: None, morning: datetime) -> Callable[..., Browser]:
    """A signed-in browser of somebody with posts at one centre, or in one department."""

    def make(name: str, *roles: Role, centre: str = STREET, department: str | None = None) -> Browser:
        with sessions.begin() as session:
            made = add_person(session, name, name, PASSWORD, now=morning)
            for role in roles:
                give_post(session, made, role, centre, department)
        return Browser(app.test_client(), name).sign_in()

    return make


@pytest.fixture
def desk(person: Callable[..., Browser]) -> Browser:
    return person("desk", Role.INSPECTOR, Role.ACCEPTOR, Role.SHIFT_LEAD, Role.DISPATCHER)


@pytest.fixture
def pipes(person: Callable[..., Browser]) -> Browser:
    return person("pipes", Role.HANDLER, Role.LEADER, department=PIPES)


@pytest.fixture
def trees(person: Callable[..., Browser]) -> Browser:
    return person("trees", Role.HANDLER, department=TREES)


def step(who: Browser, no: str, verb: str, **fields: Any) -> dict[str, Any]:
    """The verb on the case as it is now, which succeeds; the case then."""
    version = who.get(f"{CASES}/{no}").json["version"]
    answer = do(who, no, verb, version=version, **fields)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def refused(who: Browser, no: str, verb: str, **fields: Any) -> tuple[int, str]:
    version = who.get(f"{CASES}/{no}").json["version"]
    return problem(do(who, no, verb, version=version, **fields))


def dispatched(desk: Browser, **fields: Any) -> str:
    no = report(desk)
    step(desk, no, "accept")
    step(desk, no, "file", condition_id=desk.get(f"{CASES}/{no}").json["conditions"][0]["id"])
    step(desk, no, "dispatch", department=PIPES, **fields)
    return no


PHOTOS = [f"00000000-0000-4000-8000-00000000000{number}" for number in range(8)]


def test_two_departments_work_at_a_case_and_it_is_handled_when_both_are_done(
    desk: Browser, pipes: Browser, trees: Browser
) -> None:
    no = dispatched(desk, assist=[TREES])
    page = trees.get(f"{CASES}/{no}").json
    assert [(one["department"]["code"], one["lead"], one["state"]) for one in page["handlings"]] == [
        (PIPES, True, "open"), (TREES, False, "open"),
    ]  # fmt: skip
    assert page["joint"]
    assert {"sign", "refuse"} <= set(page["allowed_verbs"])
    assert page["effects"]["sign"]["to"] == "dispatched"
    assert [one["no"] for one in trees.get(f"{CASES}?mine=true").json["items"]] == [no]
    assert refused(trees, no, "finish", photos=PHOTOS[:2]) == (409, "sign-first")
    step(trees, no, "sign")
    assert refused(trees, no, "refuse", reason="不归我们") == (409, "already-signed")
    step(pipes, no, "sign")
    assert step(pipes, no, "finish", photos=PHOTOS[:2])["stage"] == "handling"
    assert refused(pipes, no, "finish", photos=PHOTOS[2:4]) == (409, "part-done")
    assert step(trees, no, "finish", photos=PHOTOS[4:6])["stage"] == "handled"
    story = desk.get(f"{CASES}/{no}/events").json["items"]
    assert [(one["outcome"], one["data"]["department"]["code"]) for one in story if one["verb"] == "finish"] == [
        ("part", PIPES), (None, TREES),
    ]  # fmt: skip


def test_assisting_departments_that_cannot_be_are_named_by_their_place(desk: Browser) -> None:
    no = report(desk)
    step(desk, no, "accept")
    step(desk, no, "file", condition_id=desk.get(f"{CASES}/{no}").json["conditions"][0]["id"])
    version = desk.get(f"{CASES}/{no}").json["version"]
    answer = do(desk, no, "dispatch", version=version, department=PIPES, assist=[TREES, PIPES, "nobody"])
    assert answer.status_code == 422
    assert [(one["field"], one["code"]) for one in answer.json["errors"]] == [
        ("assist.1", "leads_itself"), ("assist.2", "no_department_here"),
    ]  # fmt: skip


def test_the_head_of_the_department_hands_the_work_to_a_unit(
    desk: Browser, pipes: Browser, person: Callable[..., Browser]
) -> None:
    squad = person("squad", Role.HANDLER, department=SQUAD)
    no = dispatched(desk)
    step(pipes, no, "sign")
    page = pipes.get(f"{CASES}/{no}").json
    assert [one["code"] for one in page["units"]] == [SQUAD]
    answer = step(pipes, no, "dispatch", department=SQUAD)
    assert (answer["stage"], answer["handlings"][0]["unit"]["code"]) == ("handling", SQUAD)
    assert [one["no"] for one in squad.get(f"{CASES}?mine=true").json["items"]] == [no]
    assert refused(pipes, no, "dispatch", department=TREES) == (422, "invalid")
    assert step(squad, no, "finish", photos=PHOTOS[:2])["stage"] == "handled"


def test_the_head_of_another_department_has_no_units_there(
    desk: Browser, pipes: Browser, person: Callable[..., Browser]
) -> None:
    head = person("trees_head", Role.HANDLER, Role.LEADER, department=TREES)
    no = dispatched(desk, assist=[TREES])
    step(pipes, no, "sign")
    assert refused(head, no, "dispatch", department=SQUAD) == (409, "not-the-lead")


@pytest.fixture
def two_limits(sessions: Sessions) -> Iterator[None]:
    """The first condition of manhole covers has a second limit while the test runs: categories are kept after it."""
    first = (
        select(FilingCondition.id)
        .join(Category, Category.id == FilingCondition.category_id)
        .where(Category.code == "01001", FilingCondition.position == 1)
        .scalar_subquery()
    )
    then = {"then_limit": 5, "then_unit": Unit.WORK_DAY, "then_closing_zh": "已修复", "then_closing_en": "repaired"}
    for values in (then, dict.fromkeys(then)):
        with sessions.begin() as session:
            session.execute(update(FilingCondition).where(FilingCondition.id == first).values(**values))
        if values is then:
            yield


def test_what_is_made_safe_has_a_second_limit(desk: Browser, pipes: Browser, two_limits: None) -> None:
    no = dispatched(desk)
    step(pipes, no, "sign")
    page = pipes.get(f"{CASES}/{no}").json
    assert (page["step"], page["then"]["limit"], page["then"]["unit"]) == (1, 5, "work_day")
    assert page["condition"]["then_limit"] == 5
    foretold = page["effects"]["finish"]
    safe = step(pipes, no, "finish", photos=PHOTOS[:2])
    assert (safe["stage"], safe["step"], safe["urgent"]) == ("handling", 2, False)
    assert foretold["outcomes"]["step"]["clock"]["due_at"] == safe["clock"]["due_at"]
    assert safe["handlings"][0]["step_on_time"] is True
    assert step(pipes, no, "finish", photos=PHOTOS[2:4])["stage"] == "handled"


def test_an_order_is_issued_shown_and_answered(desk: Browser, person: Callable[..., Browser]) -> None:
    district = person("district", Role.LEADER, centre=DISTRICT)
    no = report(desk)
    page = step(district, no, "supervise", text="请说明进度", reply_minutes=120)
    (order,) = page["orders"]
    assert (order["kind"], order["text"], order["issued_by"], order["open"]) == (
        "leader",
        "请说明进度",
        "district",
        True,
    )
    assert (order["clock"]["kind"], order["clock"]["light"], order["clock"]["left_minutes"]) == ("reply", "green", 120)
    assert page["supervised_level"] == "district"
    assert refused(district, no, "supervise", text="再问一次") == (409, "already-supervised")
    assert "reply_supervision" in desk.get(f"{CASES}/{no}").json["allowed_verbs"]
    assert [one["no"] for one in desk.get(f"{CASES}?supervised=true").json["items"]] == [no]
    answered = step(desk, no, "reply_supervision", text="下午到场", order_id=order["id"])
    (order,) = answered["orders"]
    assert (order["open"], order["reply"], order["replied_by"]) == (False, "下午到场", "desk")
    assert (order["clock"]["on_time"], answered["supervised_level"]) == (True, None)
    notices = district.get("/api/v1/notices").json["items"]
    assert "supervision_replied" in {one["kind"] for one in notices}


def test_the_time_for_an_answer_has_bounds(desk: Browser, person: Callable[..., Browser]) -> None:
    district = person("district", Role.LEADER, centre=DISTRICT)
    no = report(desk)
    for minutes in (0, 59, 10081, 2**40, "x", None):
        answer = do(district, no, "supervise", version=1, text="", reply_minutes=minutes)
        fields = {one["field"] for one in answer.json["errors"]}
        assert (answer.status_code, fields) == (422, {"text"} | ({"reply_minutes"} if minutes is not None else set()))


def test_who_was_not_asked_to_answer_is_told_who_was(desk: Browser, person: Callable[..., Browser]) -> None:
    district = person("district", Role.LEADER, centre=DISTRICT)
    no = report(desk)
    assert refused(desk, no, "reply_supervision", text="好") == (409, "no-order")
    step(district, no, "supervise", text="请说明")
    assert refused(district, no, "reply_supervision", text="好") == (403, "not-allowed")
    answer = do(district, no, "reply_supervision", {"Accept-Language": "en"}, version=2, text="ok")
    assert "Shift lead at the centre that a supervision order is addressed to" in answer.json["detail"]
    named = [{"no": no, "version": 2}, {"no": report(desk), "version": 1}]
    found = district.post(f"{CASES}:bulk", json={"verb": "reply_supervision", "text": "好", "cases": named}).json
    assert [one["problem"]["status"] for one in found["items"]] == [403, 409]


@pytest.mark.parametrize(("language", "words"), [("en", "Supervised already"), ("zh-CN", "已有督办单")])
def test_a_second_order_is_refused_in_the_readers_words(
    desk: Browser, person: Callable[..., Browser], language: str, words: str
) -> None:
    district = person("district", Role.LEADER, centre=DISTRICT)
    no = report(desk)
    step(district, no, "supervise", text="请说明")
    answer = do(district, no, "supervise", {"Accept-Language": language}, version=2, text="再问")
    assert answer.json["title"] == words


def test_categories_tell_their_second_limits(desk: Browser) -> None:
    found = {one["code"]: one for one in desk.get("/api/v1/categories").json["items"]}
    leak, collapse = found["90501"]["conditions"]
    assert (leak["then_limit"], leak["then_unit"], leak["then_closing_en"]) == (5, "work_day", "pipe and road repaired")
    assert collapse["then_limit"] is None

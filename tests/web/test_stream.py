"""The stream of events: what one may see, as it happens, without a gap."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Notice, Source
from core.db import Sessions
from core.settings import Settings
from people.accounts import load_actor
from people.models import Person
from people.roles import Role
from tests.make import Town, make_case, make_town
from tests.web.conftest import Browser
from web.api import stream as stream_api

NOW = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, stream=replace(settings.stream, tick_seconds=0.01, most=3))


MOST_PINGS = 400


class EndOfStream(Exception):
    """Ended, or nothing but pings for some seconds."""


@pytest.fixture(autouse=True)
def _quick_pings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_api, "PING_SECONDS", 0.02)


class Listening:
    """The events of an open stream, one by one."""

    def __init__(self, browser: Browser, path: str = "/api/v1/stream", **headers: str) -> None:
        self.answer = browser.get(path, headers=headers)
        self.chunks: Iterator[bytes] = iter(self.answer.response)

    def next(self) -> dict[str, Any]:
        """The next block's fields; `data` read."""
        for chunk, _ in zip(self.chunks, range(MOST_PINGS), strict=False):
            fields = dict(line.split(": ", 1) for line in chunk.decode().strip().splitlines() if line[:1] != ":")
            if "data" in fields:
                return fields | {"data": orjson.loads(fields["data"])}
        raise EndOfStream

    def case(self) -> dict[str, Any]:
        """The next event of a case."""
        while (told := self.next())["event"] != "case":
            pass
        data: dict[str, Any] = told["data"] | {"id": told["id"]}
        return data

    def close(self) -> None:
        self.answer.close()


@pytest.fixture
def listen() -> Iterator[Callable[..., Listening]]:
    opened: list[Listening] = []

    def make(browser: Browser, *words: str, **headers: str) -> Listening:
        opened.append(Listening(browser, *words, **headers))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def report(sessions: Sessions, settings: Settings, **facts: Any) -> str:
    """A new case in the street, committed."""
    with sessions.begin() as session:
        return make_case(town_of(session, settings), **facts).no


def town_of(session: Session, settings: Settings) -> Town:
    people = session.scalars(select(Person).where(Person.username.startswith("t_"))).all()
    if not people:
        return make_town(session, settings, NOW)
    town = Town(session, settings, NOW)
    for row in people:
        town.people[row.name] = load_actor(session, row.id)
    return town


def test_a_stream_begins_with_what_is_unread_and_tells_what_happens(
    browser: Callable[..., Browser], sessions: Sessions, settings: Settings, listen: Callable[..., Listening]
) -> None:
    heard = listen(browser("wang", Role.ACCEPTOR))
    assert heard.answer.mimetype == "text/event-stream"
    assert heard.next() == {"event": "notices", "data": {"unread": 0}}
    no = report(sessions, settings)
    case, notices = sorted([heard.next(), heard.next()], key=lambda one: one["event"])
    assert (case["data"]["no"], case["data"]["stage"], case["data"]["verb"]) == (no, "reported", "report")
    assert case["data"]["version"] == 1
    assert notices["data"] == {"unread": 1}


def test_who_is_called_by_name_is_told_at_once_and_nobody_else(
    browser: Callable[..., Browser], listen: Callable[..., Listening], sessions: Sessions
) -> None:
    li, zhao = browser("li", Role.INSPECTOR), browser("zhao", Role.INSPECTOR)
    streams = [listen(one) for one in (li, zhao)]
    for stream in streams:
        assert stream.next()["event"] == "notices"
    with sessions.begin() as session:
        called = {one: session.scalars(select(Person.id).where(Person.username == one)).one() for one in ("li", "zhao")}
        for kind, who, data in (
            ("noted", "li", {}), ("roll_call", "li", {"roll_call": 7}), ("fence", "zhao", {"alarm": "outside"}),
        ):  # fmt: skip
            session.add(Notice(at=NOW, kind=kind, person_id=called[who], data=data))
    told = []
    for stream in streams:
        while (event := stream.next())["event"] != "notice":
            assert event["event"] == "notices"
        told.append({name: value for name, value in event["data"].items() if name != "id"})
    assert told == [{"kind": "roll_call", "roll_call": 7}, {"kind": "fence"}]


def test_who_does_not_see_a_case_is_not_told_of_it(
    app: Flask, browser: Callable[..., Browser], account: Callable[..., str], sessions: Sessions, settings: Settings,
    listen: Callable[..., Listening],
) -> None:  # fmt: skip
    account("far", Role.ACCEPTOR, centre="310106013000")
    far, near = listen(Browser(app.test_client(), "far").sign_in()), listen(browser("wang", Role.ACCEPTOR))
    assert (far.next()["event"], near.next()["event"]) == ("notices", "notices")
    here = report(sessions, settings)
    there = report(sessions, settings, located=False, source=Source.HOTLINE, by="other_dispatcher")
    assert near.case()["no"] == here
    assert far.case()["no"] == there


def test_who_comes_back_is_told_what_they_missed_and_nothing_else(
    browser: Callable[..., Browser], sessions: Sessions, settings: Settings, listen: Callable[..., Listening]
) -> None:
    wang = browser("wang", Role.ACCEPTOR)
    heard = listen(wang)
    heard.next()
    first = report(sessions, settings)
    case = heard.case()
    heard.close()
    missed = [report(sessions, settings) for _ in range(3)]
    again = listen(wang, **{"Last-Event-ID": case["id"]})
    assert [again.next()["data"]["no"] for _ in missed] == missed
    assert again.next() == {"event": "notices", "data": {"unread": 4}}
    by_query = listen(wang, f"/api/v1/stream?after={int(case['id']) - 1}")
    assert by_query.next()["data"]["no"] == first


def test_who_missed_too_much_is_told_to_load_anew(
    browser: Callable[..., Browser], sessions: Sessions, settings: Settings, listen: Callable[..., Listening],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(stream_api, "RESUME_MOST", 1)
    for _ in range(2):
        report(sessions, settings)
    assert listen(browser("wang", Role.ACCEPTOR), **{"Last-Event-ID": "0"}).next()["event"] == "reset"


def test_a_number_that_is_no_event_is_refused(browser: Callable[..., Browser]) -> None:
    answer = browser().get("/api/v1/stream", headers={"Last-Event-ID": "x"})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "Last-Event-ID")


def test_a_process_holds_so_many_streams_and_no_more(
    app: Flask, browser: Callable[..., Browser], listen: Callable[..., Listening]
) -> None:
    wang, li = browser("wang", Role.ACCEPTOR), browser("li", Role.ACCEPTOR)
    opened = [listen(wang) for _ in range(3)]
    refused = li.get("/api/v1/stream")
    assert (refused.status_code, refused.json["type"], refused.json["most"]) == (
        503, "urn:wangge:problem:too-many-streams", 3,
    )  # fmt: skip
    opened[0].close()
    assert app.extensions["wangge"].streams.count() == 2
    assert listen(li).next()["event"] == "notices"


def test_where_all_places_are_taken_ones_own_oldest_stream_gives_way(
    browser: Callable[..., Browser], listen: Callable[..., Listening]
) -> None:
    wang = browser("wang", Role.ACCEPTOR)
    opened = [listen(wang) for _ in range(4)]
    opened[0].next()
    with pytest.raises(EndOfStream):
        opened[0].next()
    assert opened[3].next()["event"] == "notices"


def test_a_stream_ends_with_the_session(
    browser: Callable[..., Browser], listen: Callable[..., Listening], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_api, "CHECK_SECONDS", 0.0)
    wang = browser("wang", Role.ACCEPTOR)
    heard = listen(wang)
    heard.next()
    wang.delete("/api/v1/session")
    with pytest.raises(EndOfStream):
        heard.next()


def test_a_quiet_stream_says_now_and_then_how_far_it_is(
    browser: Callable[..., Browser], listen: Callable[..., Listening], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_api, "PING_SECONDS", 0.0)
    heard = listen(browser("wang", Role.ACCEPTOR))
    blocks = [next(heard.chunks) for _ in range(4)]
    assert blocks[-1].startswith(b": ping\nid: ")


def test_the_reader_lives_as_long_as_somebody_looks_on(
    app: Flask, browser: Callable[..., Browser], listen: Callable[..., Listening]
) -> None:
    streams = app.extensions["wangge"].streams
    heard = listen(browser("wang", Role.ACCEPTOR))
    reader = streams._reader
    assert reader is not None
    assert reader.is_alive()
    heard.close()
    reader.join(5)
    assert not reader.is_alive()


def test_an_event_that_becomes_visible_late_is_told_in_its_turn(
    browser: Callable[..., Browser], sessions: Sessions, settings: Settings, listen: Callable[..., Listening]
) -> None:
    """A writer that drew its id first commits last: nothing behind it is told before it, and it is not passed over."""
    heard = listen(browser("wang", Role.ACCEPTOR))
    heard.next()
    report(sessions, settings)
    heard.case()
    with sessions.make() as slow:
        made = town_of(slow, settings)
        early = make_case(made).no
        slow.flush()
        with sessions.begin() as quick:
            late = make_case(town_of(quick, settings), category="06010").no
        slow.commit()
    assert [heard.case()["no"], heard.case()["no"]] == [early, late]

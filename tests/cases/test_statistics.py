from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qs

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from cases.measures import MEASURES, condition
from cases.models import Case, Event, Handling, HandlingState, Source
from cases.stages import CloseType, Stage
from cases.statistics.breakdowns import By, Question, statistics
from cases.statistics.measures import RATES, rates
from core.errors import Invalid, NotFound
from grid.levels import Level
from grid.models import Centre, Department
from people.roles import Actor, Role, Seat

CITY, HUANGPU, JINGAN = "310000000000", "310101000000", "310106000000"
EAST_NANJING, BUND = "310101002000", "310101013000"
VILLAGE = "310101002001"

Make = Callable[..., Case]
numbers_of_cases = count(1)


def leader(session: Session, code: str) -> Actor:
    centre = session.scalars(select(Centre).where(Centre.code == code)).one()
    seat = Seat(Role.LEADER, centre.id, code, centre.name, centre.level, tuple(centre.line))
    return Actor(1, "leader", "leader", (seat,))


@pytest.fixture
def make(session: Session, now: datetime) -> Make:
    centres = dict(session.execute(select(Centre.code, Centre.id)).all())

    def made(stage: Stage = Stage.REPORTED, *, street: str = EAST_NANJING, **values: Any) -> Case:
        village = values.pop("village", f"{street[:9]}001")
        case = Case(
            no=f"T{next(numbers_of_cases):018d}",
            stage=stage,
            source=values.pop("source", Source.INSPECTOR),
            city_code=CITY,
            district_code=f"{street[:6]}000000",
            street_code=street,
            village_code=village,
            centre_id=centres[street],
            category_code=values.pop("category_code", "06010"),
            why={},
            reported_at=values.pop("reported_at", now - timedelta(hours=6)),
            **values,
        )
        session.add(case)
        session.flush()
        return case

    return made


def count_of(session: Session, measure: str, now: datetime) -> int:
    return session.scalar(select(func.count()).select_from(Case).where(condition(measure, now=now))) or 0


def ask(session: Session, now: datetime, actor: Actor | None = None, **words: Any) -> dict[str, Any]:
    return statistics(session, actor or leader(session, CITY), Question(**words), now=now)


def filed(now: datetime, **values: Any) -> dict[str, Any]:
    return {"filed_at": now - timedelta(hours=5), **values}


def dispatched(now: datetime, due: float, **values: Any) -> dict[str, Any]:
    sent = {"dispatched_at": now - timedelta(hours=4), "handle_due_at": now + timedelta(hours=due), "round": 1}
    return filed(now, **sent) | values


def handled(now: datetime, *, on_time: bool, **values: Any) -> dict[str, Any]:
    return dispatched(now, 1) | {"handled_at": now - timedelta(hours=2), "handled_on_time": on_time} | values


def closed(now: datetime, *, on_time: bool, **values: Any) -> dict[str, Any]:
    kind = CloseType.NORMAL if on_time else CloseType.OVERDUE
    return handled(now, on_time=on_time) | {"ended_at": now - timedelta(hours=1), "close_type": kind} | values


STORIES: dict[str, tuple[Stage, Callable[[datetime], dict[str, Any]], set[str]]] = {
    "just reported": (Stage.REPORTED, lambda _: {}, {"report_num", "open_num"}),
    "the accept clock has run out": (
        Stage.REPORTED,
        lambda now: {"due_at": now - timedelta(minutes=1)},
        {"report_num", "open_num", "red_num"},
    ),
    "a paused clock shows no red light": (
        Stage.VERIFYING,
        lambda now: {"due_at": now - timedelta(minutes=1), "paused": True},
        {"report_num", "open_num"},
    ),
    "filed": (
        Stage.PENDING_DISPATCH,
        filed,
        {"report_num", "valid_report_num", "file_num", "need_dispatch_num", "open_num"},
    ),
    "cancelled after filing": (
        Stage.CANCELLED,
        lambda now: filed(now, ended_at=now),
        {"report_num", "file_num", "need_dispatch_num", "cancel_num"},
    ),
    "in handling and in time": (
        Stage.HANDLING,
        lambda now: dispatched(now, 1),
        {
            "report_num", "valid_report_num", "file_num", "need_dispatch_num", "accurate_dispatch_num",
            "need_handle_num", "open_num",
        },
    ),
    "in handling, overdue and supervised": (
        Stage.HANDLING,
        lambda now: dispatched(now, -1, due_at=now - timedelta(hours=1), supervised_level=Level.DISTRICT),
        {
            "report_num", "valid_report_num", "file_num", "need_dispatch_num", "accurate_dispatch_num",
            "need_handle_num", "open_num", "overdue_open_num", "need_close_num", "red_num", "supervised_num",
        },
    ),
    "suspended beyond its limit is not overdue": (
        Stage.SUSPENDED,
        lambda now: dispatched(now, -1, due_at=now - timedelta(hours=1), paused=True),
        {
            "report_num", "valid_report_num", "file_num", "need_dispatch_num", "accurate_dispatch_num",
            "need_handle_num", "open_num",
        },
    ),
    "handled in time, waiting for the centre's check beyond the limit": (
        Stage.CHECKING,
        lambda now: handled(now, on_time=True, handle_due_at=now - timedelta(hours=1)),
        {
            "report_num", "valid_report_num", "file_num", "need_dispatch_num", "accurate_dispatch_num",
            "need_handle_num", "open_num", "handled_num", "ontime_handled_num", "need_close_num",
        },
    ),
    "sent back by a failed check": (
        Stage.PENDING_DISPATCH,
        lambda now: handled(now, on_time=True),
        {
            "report_num", "valid_report_num", "file_num", "need_dispatch_num", "accurate_dispatch_num",
            "need_handle_num", "open_num",
        },
    ),
    "closed in time": (
        Stage.CLOSED,
        lambda now: closed(now, on_time=True),
        {
            "report_num", "valid_report_num", "file_num", "need_dispatch_num", "accurate_dispatch_num",
            "need_handle_num", "handled_num", "ontime_handled_num", "need_close_num", "closed_num",
            "ontime_closed_num",
        },
    ),
    "closed late": (
        Stage.CLOSED,
        lambda now: closed(now, on_time=False),
        {
            "report_num", "valid_report_num", "file_num", "need_dispatch_num", "accurate_dispatch_num",
            "need_handle_num", "handled_num", "need_close_num", "closed_num", "overdue_closed_num",
        },
    ),
    "closed late and excused": (
        Stage.CLOSED,
        lambda now: closed(now, on_time=False, excused_at=now),
        {"report_num", "excused_num"},
    ),
    "self-handled": (
        Stage.CLOSED,
        lambda now: {"ended_at": now, "close_type": CloseType.SELF_HANDLED},
        {"self_report_num"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_a_case_counts_for_exactly_these_measures(session: Session, now: datetime, make: Make, story: str) -> None:
    stage, values, expected = STORIES[story]
    make(stage, **values(now))
    assert {name for name in MEASURES if count_of(session, name, now)} == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [(Stage.REPORTED, "not_accept_num"), (Stage.VERIFYING, "not_accept_num"), (Stage.PENDING_FILING, "not_file_num")],
)
def test_a_rejected_case_counts_where_it_ended(
    session: Session, now: datetime, make: Make, at: Stage, expected: str
) -> None:
    case = make(Stage.REJECTED, ended_at=now)
    session.add(Event(case_id=case.id, at=now, verb="reject", stage_from=at, stage_to="rejected", data={}))
    session.flush()
    assert {name for name in MEASURES if count_of(session, name, now)} == {"report_num", expected}


def handling(session: Session, case: Case, round_: int, state: HandlingState, department: int | None) -> None:
    at = case.reported_at
    session.add(
        Handling(case_id=case.id, round=round_, centre_id=case.centre_id, department_id=department, state=state,
                 dispatched_at=at, due_at=at)
    )  # fmt: skip
    session.flush()


def test_a_case_that_went_to_two_departments_was_not_dispatched_accurately(
    session: Session, now: datetime, make: Make
) -> None:
    one, other = (
        Department(code=code, name=code, name_en=code, centre_id=make().centre_id) for code in ("one", "other")
    )
    session.add_all([one, other])
    session.flush()
    case = make(Stage.HANDLING, **dispatched(now, 1, round=2, department_id=other.id))
    handling(session, case, 1, HandlingState.REFUSED, one.id)
    handling(session, case, 2, HandlingState.OPEN, other.id)
    assert count_of(session, "accurate_dispatch_num", now) == 0
    assert count_of(session, "rework_num", now) == 0
    answer = ask(session, now)
    assert answer["rates"]["accurate_dispatch_rate"] == 0.0


def test_rework_is_the_same_department_again_after_a_failed_check(session: Session, now: datetime, make: Make) -> None:
    case = make(Stage.HANDLING, **dispatched(now, 1, round=2))
    handling(session, case, 1, HandlingState.FAILED, None)
    assert count_of(session, "rework_num", now) == 0
    handling(session, case, 2, HandlingState.OPEN, None)
    assert count_of(session, "rework_num", now) == 1
    assert count_of(session, "accurate_dispatch_num", now) == 1


def test_a_rate_with_nothing_to_divide_by_is_null_and_never_zero() -> None:
    assert set(rates(dict.fromkeys(MEASURES, 0)).values()) == {None}
    assert rates(dict.fromkeys(MEASURES, 0) | {"need_close_num": 3, "ontime_closed_num": 2})["ontime_close_rate"] == (
        0.6667
    )


def test_every_rate_divides_measures_that_there_are() -> None:
    assert {name for rate in RATES.values() for name in (rate.part, rate.whole)} <= set(MEASURES)


def test_an_unknown_measure_is_refused_by_name(now: datetime) -> None:
    with pytest.raises(Invalid):
        condition("everything", now=now)


def test_areas_go_down_level_by_level_and_their_rows_add_up(session: Session, now: datetime, make: Make) -> None:
    make()
    make(Stage.CLOSED, **closed(now, on_time=True))
    make(street=BUND)
    make(street="310106013000")
    by_district = {row["key"]: row for row in ask(session, now, by=By.DISTRICT)["items"]}
    assert len(by_district) == 16
    assert (by_district[HUANGPU]["name"], by_district[HUANGPU]["report_num"]) == ("黄浦区", 3)
    assert by_district[JINGAN]["report_num"] == 1
    streets = ask(session, now, by=By.STREET, cell=HUANGPU)
    assert streets["cell"] == {"code": HUANGPU, "name": "黄浦区", "level": "district"}
    assert [cell["name"] for cell in streets["line"]][1:] == ["黄浦区"]
    assert streets["totals"]["report_num"] == sum(row["report_num"] for row in streets["items"]) == 3
    assert len(streets["items"]) == 10
    villages = ask(session, now, by=By.VILLAGE, cell=EAST_NANJING)
    assert {row["key"]: row["report_num"] for row in villages["items"]}[VILLAGE] == 2
    assert ask(session, now, cell=VILLAGE)["totals"]["report_num"] == 2


def test_an_area_without_cases_stands_there_with_zeros_and_no_rates(session: Session, now: datetime) -> None:
    row = next(row for row in ask(session, now, by=By.DISTRICT)["items"] if row["key"] == HUANGPU)
    assert (row["report_num"], row["ontime_close_rate"], row["median_handle_minutes"]) == (0, None, None)


def test_only_the_numbers_that_are_asked_for_are_told(session: Session, now: datetime, make: Make) -> None:
    make(Stage.PENDING_DISPATCH, filed_at=now)
    asked = Question(by=By.STREET, cell=HUANGPU, measures=("open_num", "filing_rate"))
    found = statistics(session, leader(session, HUANGPU), asked, now=now)
    assert (found["totals"], found["rates"]) == ({"open_num": 1}, {"filing_rate": 1.0})
    assert (found["formulas"], found["targets"]) == ({"filing_rate": "file_num / report_num"}, {})
    rows = {row["key"]: row for row in found["items"]}
    names = {"key", "name", "name_en", "level", "query", "open_num", "filing_rate"}
    assert all(set(row) == names for row in rows.values())
    assert (rows[EAST_NANJING]["open_num"], rows[EAST_NANJING]["filing_rate"]) == (1, 1.0)
    assert (rows[BUND]["open_num"], rows[BUND]["filing_rate"]) == (0, None)


def test_only_the_persons_own_subtree_is_counted(session: Session, now: datetime, make: Make) -> None:
    make()
    make(street="310106013000")
    huangpu = leader(session, HUANGPU)
    answer = ask(session, now, huangpu, by=By.DISTRICT)
    assert answer["totals"]["report_num"] == 1
    assert [row["key"] for row in answer["items"]] == [HUANGPU]
    for foreign in (JINGAN, CITY, "310106013000", "999"):
        with pytest.raises(NotFound):
            ask(session, now, huangpu, cell=foreign)


def test_rows_larger_than_the_cell_are_refused(session: Session, now: datetime) -> None:
    with pytest.raises(Invalid):
        ask(session, now, by=By.DISTRICT, cell=EAST_NANJING)
    assert [row["key"] for row in ask(session, now, by=By.STREET, cell=EAST_NANJING)["items"]] == [EAST_NANJING]


def test_the_period_holds_its_start_and_not_its_end(session: Session, now: datetime, make: Make) -> None:
    at = now - timedelta(days=1)
    make(reported_at=at)
    assert ask(session, now, start=at, end=now)["totals"]["report_num"] == 1
    assert ask(session, now, start=at - timedelta(days=1), end=at)["totals"]["report_num"] == 0


@pytest.mark.parametrize(
    ("by", "key", "name"),
    [
        (By.CATEGORY, "01001", "供水井盖"),
        (By.CLASS, "01", None),
        (By.SOURCE, "hotline", "hotline"),
        (By.CENTRE, BUND, None),
    ],
)
def test_other_breakdowns_name_their_rows(
    session: Session, now: datetime, make: Make, by: By, key: str, name: str | None
) -> None:
    make(street=BUND, source=Source.HOTLINE, category_code="01001")
    make(category_code=None)
    answer = ask(session, now, by=by)
    rows = {row["key"]: row for row in answer["items"]}
    assert rows[key]["report_num"] == 1
    assert rows[key]["name"]
    if name is not None:
        assert rows[key]["name"] == name
    assert sum(row["report_num"] for row in answer["items"]) == answer["totals"]["report_num"] == 2
    if by is By.CATEGORY:
        assert rows[None]["query"] is None


def test_a_rows_query_leads_to_the_cases_that_it_counts(session: Session, now: datetime, make: Make) -> None:
    make(source=Source.HOTLINE)
    start = now - timedelta(days=1)
    answer = ask(session, now, by=By.STREET, cell=HUANGPU, start=start, end=now, sources=("hotline",))
    row = next(row for row in answer["items"] if row["key"] == EAST_NANJING)
    assert parse_qs(row["query"]) == {
        "cell": [EAST_NANJING],
        "source": ["hotline"],
        "reported_from": ["2026-03-09T01:30:00Z"],
        "reported_to": ["2026-03-10T01:30:00Z"],
    }


def test_the_median_is_of_the_time_from_dispatch_to_the_end_of_handling(
    session: Session, now: datetime, make: Make
) -> None:
    for hours in (1, 2, 9):
        ended = now - timedelta(hours=10 - hours)
        make(Stage.CLOSED, **closed(now, on_time=True) | {
            "dispatched_at": now - timedelta(hours=10), "handled_at": ended
        })  # fmt: skip
    assert ask(session, now)["totals"]["median_handle_minutes"] == 120


def test_an_answer_costs_two_statements_however_many_rows_it_has(session: Session, now: datetime, make: Make) -> None:
    make()
    actor = leader(session, CITY)
    session.flush()
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(session.connection().engine, "before_cursor_execute", note)
    try:
        assert len(statistics(session, actor, Question(by=By.VILLAGE, cell=HUANGPU), now=now)["items"]) == 170
    finally:
        event.remove(session.connection().engine, "before_cursor_execute", note)
    assert len(statements) == 2

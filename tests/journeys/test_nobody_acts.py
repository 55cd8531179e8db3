"""Nobody acts: a village's case climbs village → street → district → city at the right working-time moments."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from cases.escalation import escalate_overdue
from core.db import Sessions
from tests.journeys.conftest import Seat, Time

SHANGHAI = ZoneInfo("Asia/Shanghai")
VILLAGE_CATEGORY = "06007"  # 沿街晾挂: a residents' workstation settles it itself


def at(day: str, moment: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{moment}").replace(tzinfo=SHANGHAI)


# The accept clock has 15 working minutes. From Sunday 2018-09-30 (a make-up day) 17:50 ten of them pass before the
# National Day holiday; the rest begin on Monday 2018-10-08 at 08:00.
RUNGS = [
    ("warn", at("2018-10-08", "08:02:00")),  # 80 %: 12 minutes
    ("urge", at("2018-10-08", "08:05:00")),  # 100 %
    ("supervise_1", at("2018-10-08", "08:12:30")),  # 150 %: the street
    ("supervise_2", at("2018-10-08", "08:20:00")),  # 200 %: the district
    ("supervise_3", at("2018-10-08", "08:35:00")),  # 300 %: the city
]


@pytest.mark.slow  # five people sign in
def test_a_villages_case_that_nobody_takes_climbs_to_the_city_across_a_holiday(
    seat: Callable[[str], Seat], clock: Time, sessions: Sessions
) -> None:
    clock.now = at("2018-09-30", "17:50")
    answer = seat("inspector").report(category_code=VILLAGE_CATEGORY)
    no = answer["case"]["no"]
    assert datetime.fromisoformat(answer["case"]["due_at"]) == at("2018-10-08", "08:05")

    def sweep(now: datetime) -> list[str]:
        with sessions.begin() as session:
            return [raised.rung for raised in escalate_overdue(session, now=now, batch=500)]

    assert sweep(at("2018-10-03", "12:00")) == [], "nothing is due in the holiday"
    for rung, moment in RUNGS:
        assert sweep(moment - timedelta(seconds=1)) == [], f"{rung} came early"
        assert sweep(moment) == [rung]
        with sessions.read.connect() as connection:
            planned, raised = connection.execute(
                text("SELECT planned_at, raised_at FROM escalations WHERE rung = :rung"), {"rung": rung}
            ).one()
        assert planned == moment
        assert raised >= planned
        assert sweep(moment) == [], "never twice"
    orders_late = ["reply_warn"] * 3 + ["reply_urge"] * 3
    assert sorted(sweep(at("2018-10-20", "12:00"))) == sorted(orders_late), "the ladder ends at the city"

    with sessions.read.connect() as connection:
        orders = connection.execute(
            text(
                "SELECT centres.level, supervision_orders.rung, red_card FROM supervision_orders "
                "JOIN centres ON centres.id = centre_id ORDER BY issued_at"
            )
        ).all()
    assert [(order.level, order.rung, order.red_card) for order in orders] == [
        ("street", "supervise_1", False),
        ("district", "supervise_2", False),
        ("city", "supervise_3", True),
    ]
    clock.now = at("2018-10-08", "08:40")
    for username in ("shift_lead", "district_leader", "city_leader"):
        supervised = seat(username).get("/cases?supervised=true")["items"]
        assert [case["no"] for case in supervised] == [no], username
    assert seat("other_dispatcher").get("/cases?supervised=true")["items"] == []
    story = [event["verb"] for event in seat("leader").get(f"/cases/{no}/events")["items"]]
    assert story == ["report"] + ["escalate"] * (5 + len(orders_late))


def test_a_worker_that_slept_through_it_fires_each_missed_rung_once_and_in_order(
    seat: Callable[[str], Seat], clock: Time, sessions: Sessions
) -> None:
    clock.now = at("2018-09-30", "17:50")
    seat("inspector").report(category_code=VILLAGE_CATEGORY)
    with sessions.begin() as session:
        raised = escalate_overdue(session, now=at("2018-10-09", "09:00"), batch=500)
    assert [one.rung for one in raised] == [rung for rung, _ in RUNGS]
    with sessions.begin() as session:
        assert escalate_overdue(session, now=at("2018-10-09", "09:00"), batch=500) == []

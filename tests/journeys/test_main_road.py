"""The main road: a report finds its centre, becomes a case, is handled, checked and closed, and the number moves."""

from collections.abc import Callable

import pytest

from tests.journeys.conftest import Seat, Time


@pytest.mark.slow  # six people sign in, and a password costs what it must
def test_a_missing_manhole_cover_goes_from_report_to_closed_and_leaderships_number_moves(
    seat: Callable[[str], Seat], clock: Time
) -> None:
    inspector, acceptor, lead = seat("inspector"), seat("acceptor"), seat("shift_lead")
    dispatcher, handler, leader = seat("dispatcher"), seat("handler"), seat("leader")
    before = leader.get("/statistics?by=street&cell=310101002000")["totals"]

    answer = inspector.report()
    no = answer["case"]["no"]
    assert answer["case"]["stage"] == "reported"
    assert [cell["name"] for cell in answer["placement"]["line"]][1:3] == ["黄浦区", "南京东路街道"]
    assert answer["case"]["centre"] == {"code": "310101002000", "level": "street", "name": "南京东路街道"}
    assert len(no) == 19
    assert no.startswith("310101260310" + "01")

    clock.move(minutes=5)
    assert "accept" in acceptor.case(no)["allowed_verbs"]
    assert acceptor.do("accept", no)["stage"] == "pending_filing"
    condition = lead.case(no)["conditions"][0]
    assert (condition["limit"], condition["unit"]) == (2, "urgent_hour")
    promised = lead.case(no)["effects"]["file"]["conditions"][str(condition["id"])]
    filed = lead.do("file", no, condition_id=condition["id"])
    assert promised == {"to": filed["stage"], "clock": {key: filed["clock"][key] for key in ("kind", "due_at")}}
    assert (filed["stage"], filed["urgent"]) == ("pending_dispatch", True)
    clock.move(minutes=5)
    seen = dispatcher.case(no)
    assert seen["suggested_department"]["code"] == "310101002000-all"
    assert seen["why"]["words"]["zh"]
    assert seen["effects"]["dispatch"]["to"] == "dispatched"
    sent = dispatcher.do("dispatch", no, department=seen["suggested_department"]["code"])
    assert (sent["stage"], sent["clock"]["kind"]) == ("dispatched", "handle")
    clock.move(minutes=5)
    assert handler.do("sign", no)["stage"] == "handling"
    clock.move(minutes=40)
    done = handler.do("finish", no, text="已更换井盖", photos=[handler.photo(10)])
    assert (done["stage"], done["handled_on_time"]) == ("handled", True)
    assert acceptor.do("send_check", no)["stage"] == "checking"
    clock.move(minutes=10)
    assert inspector.do("check", no, outcome="passed", photos=[inspector.photo(20)])["stage"] == "pending_closing"
    closed = lead.do("close", no)
    assert (closed["stage"], closed["close_type"], closed["light"]) == ("closed", "normal", "none")

    story = [event["verb"] for event in lead.get(f"/cases/{no}/events")["items"]]
    assert story == ["report", "accept", "file", "dispatch", "sign", "finish", "send_check", "check", "close"]
    after = leader.get("/statistics?by=street&cell=310101002000")["totals"]
    assert after["report_num"] == before["report_num"] + 1
    assert after["closed_num"] == before["closed_num"] + 1
    assert after["ontime_handled_num"] == before["ontime_handled_num"] + 1
    behind = leader.get("/cases?measure=closed_num&cell=310101002000")
    assert no in [item["no"] for item in behind["items"]]


@pytest.mark.slow  # five people sign in
def test_a_failed_check_sends_the_case_back_for_rework_with_a_new_limit(
    seat: Callable[[str], Seat], clock: Time
) -> None:
    inspector, acceptor, lead = seat("inspector"), seat("acceptor"), seat("shift_lead")
    dispatcher, handler = seat("dispatcher"), seat("handler")
    no = inspector.report(category_code="06010")["case"]["no"]
    acceptor.do("accept", no)
    lead.do("file", no, condition_id=lead.case(no)["conditions"][0]["id"])
    dispatcher.do("dispatch", no, department="310101002000-all")
    handler.do("sign", no)
    first_due = handler.case(no)["handle_due_at"]
    clock.move(minutes=30)
    handler.do("finish", no, text="已清理", photos=[handler.photo(1)])
    acceptor.do("send_check", no)
    failed = inspector.do("check", no, outcome="failed", text="仍有垃圾", photos=[inspector.photo(2)])
    assert failed["stage"] == "pending_dispatch"
    clock.move(minutes=5)
    again = dispatcher.do("dispatch", no, department="310101002000-all")
    assert [row["state"] for row in again["handlings"]][-2:] == ["failed", "open"] or [
        row["state"] for row in again["handlings"]
    ][:2] == ["open", "failed"]
    assert again["handle_due_at"] > first_due


def test_a_public_report_is_verified_first_and_rejected_when_unfounded(seat: Callable[[str], Seat]) -> None:
    acceptor, inspector = seat("acceptor"), seat("inspector")
    no = acceptor.report(source="public", category_code="06010")["case"]["no"]
    acceptor.do("send_verify", no)
    answer = inspector.do("verify", no, outcome="unfounded", text="现场无垃圾", photos=[inspector.photo()])
    assert answer["stage"] == "rejected"
    assert answer["allowed_verbs"] == ["note"]


def test_another_districts_dispatcher_does_not_see_the_case_at_all(seat: Callable[[str], Seat]) -> None:
    no = seat("inspector").report()["case"]["no"]
    other = seat("other_dispatcher")
    assert other.get(f"/cases/{no}", status=404)["type"] == "urn:wangge:problem:not-found"
    other.do("note", no, status=404, version=1, text="x")
    assert other.get("/cases")["items"] == []


def test_who_was_slower_is_told_what_differs(seat: Callable[[str], Seat]) -> None:
    no = seat("inspector").report()["case"]["no"]
    acceptor, lead = seat("acceptor"), seat("shift_lead")
    acceptor.do("accept", no, version=1)
    late = lead.do("note", no, status=409, version=1, text="晚了一步")
    assert late["type"] == "urn:wangge:problem:stale-version"
    assert "stage" in {difference["field"] for difference in late["differs"]}


def test_a_report_sent_twice_makes_one_case(seat: Callable[[str], Seat]) -> None:
    inspector = seat("inspector")
    photo = inspector.photo()
    body = {
        "category_code": "01001",
        "description": "井盖缺失",
        "point": {"lon": 121.4737, "lat": 31.2304, "crs": "wgs84"},
        "source": "inspector",
        "photos": [photo],
    }
    path = "/reports/3f0c1e9a-0000-4000-8000-000000000001"
    first = inspector.put(path, body, 201)
    assert inspector.put(path, body, 200) == first
    differs = inspector.put(path, {**body, "description": "别的"}, 409)
    assert differs["type"] == "urn:wangge:problem:report-differs"
    assert len(inspector.get("/cases?reporter=me")["items"]) == 1


def test_who_was_slower_than_a_remark_reads_the_remark(seat: Callable[[str], Seat]) -> None:
    no = seat("inspector").report()["case"]["no"]
    acceptor, lead = seat("acceptor"), seat("shift_lead")
    acceptor.do("note", no, version=1, text="井盖旁有积水")
    late = lead.do("note", no, status=409, version=1, text="晚了一步")
    assert {"field": "note", "yours": None, "now": "井盖旁有积水"} in late["differs"]

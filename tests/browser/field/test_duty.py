"""In Chromium: a shift without a network (clocked in, tasks answered, clocked out) arrives with its own times."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.field.phone import Phone, wall
from tests.browser.field.product import Product
from tests.browser.field.tasks import Person, check_task, verify_task

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser

STREET = "310101002000"
SHIFTS = """
SELECT s.id, started_at, started_received_at, ended_at, ended_received_at FROM shifts s
JOIN people p ON p.id = s.person_id WHERE username = 'inspector' ORDER BY started_at
"""
VERB = "SELECT data, at FROM events e JOIN cases c ON c.id = e.case_id WHERE c.no = %s AND verb = %s"


def clock_out(phone: Phone) -> None:
    phone.page.get_by_test_id("tab-tasks").click()
    phone.page.get_by_test_id("clock-out").click()
    phone.page.get_by_test_id("clock-out-sure").click()
    expect(phone.page.get_by_test_id("duty-state")).to_have_attribute("data-state", "off")


def answer(phone: Phone, no: str, outcome: str, photo: int) -> datetime:
    """Opens the task, takes a photo, answers; when that was."""
    page = phone.page
    page.get_by_test_id("tab-tasks").click()
    page.locator(f'[data-testid="task"][data-no="{no}"]').click()
    page.get_by_test_id("photo-input").set_input_files(phone.shoot(photo)[0])
    page.locator(f'input[name=outcome][value="{outcome}"]').check()
    page.get_by_test_id("answer").click()
    expect(page.get_by_test_id("duty-state")).to_be_visible()
    return wall()


def test_a_shift_without_a_network_arrives_with_its_own_times_and_its_answers_count_by_their_photos(
    tell: Callable[..., None], phone: Callable[..., Phone], product: Product
) -> None:
    to_verify, to_check = verify_task(product, "核实:暴露垃圾"), check_task(product, "核查:暴露垃圾")
    inspector = phone()
    page = inspector.page
    for no in (to_verify, to_check):
        expect(page.locator(f'[data-testid="task"][data-no="{no}"]')).to_be_visible()
    inspector.until_it_starts_by_itself()
    before = len(product.rows(SHIFTS))
    inspector.offline()
    page.get_by_test_id("clock-in").click()
    expect(page.get_by_test_id("duty-state")).to_have_attribute("data-state", "pending")
    began = wall()
    verified = answer(inspector, to_verify, "confirmed", 1001)
    checked = answer(inspector, to_check, "passed", 1002)
    clock_out(inspector)
    ended = wall()
    assert inspector.states() == {"waiting": 4}
    page.wait_for_timeout(4000)  # so that capture and receipt can be told apart
    inspector.online()
    inspector.until(lambda: inspector.states() == {"accepted": 4}, 90)

    shifts = product.rows(SHIFTS)
    assert len(shifts) == before + 1
    _, started_at, started_received, ended_at, ended_received = shifts[-1]
    slack = timedelta(seconds=3)
    assert abs(started_at - began) < slack
    assert abs(ended_at - ended) < slack
    assert started_received - started_at > slack
    assert ended_received - ended_at > slack
    for no, verb, moment in ((to_verify, "verify", verified), (to_check, "check", checked)):
        (data, at), *more = product.rows(VERB, no, verb)
        assert not more, f"{no} was answered twice"
        captured = datetime.fromisoformat(data["captured_at"])
        assert abs(captured - moment) < slack
        assert at - captured > slack
    tell("a shift offline: 1 clock-in, 2 answers, 1 clock-out; each arrived once, counted by its own moment")


def test_a_roll_call_is_heard_and_its_answer_given_without_a_network_arrives(
    tell: Callable[..., None], phone: Callable[..., Phone], product: Product
) -> None:
    inspector = phone()
    page = inspector.page
    page.get_by_test_id("clock-in").click()
    inspector.until(lambda: inspector.states().get("accepted", 0) == 1)
    lead = Person(product, "shift_lead")
    called = lead.ask(
        "POST", "/roll-calls", {"centre_code": STREET, "minutes": 10, "photo_wanted": True, "text": "请报位置"}
    )
    expect(page.get_by_test_id("roll-call")).to_contain_text("请报位置", timeout=20_000)
    inspector.offline()
    page.get_by_test_id("roll-call-photo").set_input_files(inspector.shoot(1010)[0])
    inspector.walk()
    page.get_by_test_id("roll-call-answer").click()
    expect(page.get_by_test_id("roll-call")).to_have_count(0, timeout=20_000)
    answered = wall()
    page.wait_for_timeout(3000)
    inspector.online()
    inspector.until(lambda: inspector.states() == {"accepted": 2}, 90)
    seen = lead.ask("GET", f"/roll-calls/{called['id']}")
    own = next(one for one in seen["answers"] if one["state"] in {"answered", "late"})
    assert own["state"] == "answered"
    assert abs(datetime.fromisoformat(own["answered_at"]) - answered) < timedelta(seconds=12)
    clock_out(inspector)
    inspector.until(lambda: inspector.states() == {"accepted": 3}, 90)
    tell("a roll call: heard, answered without a network with photo, state", own["state"])


def test_the_way_of_a_shift_is_told_to_its_person_and_arrives_once(
    tell: Callable[..., None], phone: Callable[..., Phone], product: Product
) -> None:
    inspector = phone()
    page = inspector.page
    page.get_by_test_id("clock-in").click()
    expect(page.get_by_test_id("track-told")).to_be_visible()
    inspector.until(lambda: inspector.states().get("accepted", 0) == 1)
    for online in (True, False, True):
        (inspector.online if online else inspector.offline)()
        for _ in range(4):
            inspector.walk()
            page.wait_for_timeout(1200)
    count = "SELECT count(*), count(DISTINCT (person_id, at)) FROM tracks"
    inspector.until(lambda: product.rows(count)[0][0] >= 8, 60)
    clock_out(inspector)
    inspector.until(lambda: inspector.states() == {"accepted": 2}, 90)
    points, different = product.rows(count)[0]
    assert points == different
    tell(f"tracks: {points} points, {different} different, some of them kept while there was no network")

"""In Chromium: the desk sees who is on duty, calls the roll, and the answers come in by themselves."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_turns import SQUARE, ask

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser

AXE = Path(__file__).parents[2] / "web/client/node_modules/axe-core/axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def assert_accessible(page: Page, where: str) -> None:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], where


def assert_fits(page: Page, where: str) -> None:
    wide, room = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert wide <= room, f"{where} is {wide} px wide in {room}"


def ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()  # noqa: TID251 (the server reads the real clock too)


def walk(page: Page, lat: float, *minutes: float) -> None:
    points = [[round(datetime.fromisoformat(ago(one)).timestamp() * 1000), SQUARE["lon"], lat, 8] for one in minutes]
    assert ask(page, "POST", "tracks", {"points": points})["kept"] == len(points)


def test_the_desk_leads_the_patrol(visit: Callable[..., Page], tmp_path: Path) -> None:
    lead = visit("shift_lead", path="/desk?view=patrol")
    expect(lead.get_by_test_id("patrol")).to_contain_text("现在没有巡查员在岗")
    assert_accessible(lead, "nobody on duty")
    lead.get_by_test_id("roll-send").click()
    expect(lead.get_by_test_id("roll-form")).to_contain_text("目前没有在岗的巡查员")

    inspector = visit("inspector", path="/desk")  # its phone would send points of its own
    expect(inspector.get_by_test_id("view-mine")).to_be_visible()
    ask(inspector, "PUT", f"shifts/{uuid4()}", {"started_at": ago(60), "point": SQUARE})
    walk(inspector, SQUARE["lat"], 30, 20)
    row = lead.get_by_test_id("on-duty")
    expect(row).to_have_attribute("data-light", "yellow")
    walk(inspector, 31.30, *range(9, -1, -1))
    expect(row).to_have_attribute("data-light", "red")
    expect(row).to_contain_text("离开责任网格 9 分")

    lead.get_by_label("应答时限(分钟)").select_option("5")
    expect(lead.get_by_test_id("roll-effect")).to_contain_text("须在 5 分钟内应答")
    lead.get_by_label("附言(可不填)").fill("请报位置")
    lead.get_by_test_id("roll-send").click()
    expect(lead.get_by_test_id("roll-called")).to_contain_text("已点名 1 人")
    answer = lead.get_by_test_id("roll-answer")
    expect(answer).to_have_attribute("data-state", "waiting")
    expect(row).to_contain_text("等待应答点名")
    called = lead.get_by_test_id("roll-call").first.get_attribute("data-id")
    assert lead.get_by_label("附言(可不填)").input_value() == ""
    ask(inspector, "POST", f"roll-calls/{called}/answer", {"answered_at": ago(0), "point": SQUARE, "text": "在岗"})
    expect(answer).to_have_attribute("data-state", "answered")
    expect(answer).to_contain_text("在责任网格内")
    expect(row).not_to_contain_text("等待应答点名")

    area = {"name": "外滩东片", "centre_code": "310101002000", "cells": ["310101002000"]}
    ask(lead, "PUT", "duty-areas/d-east", area)
    lead.reload()
    lead.get_by_role("button", name=re.compile("更换人员")).click()
    lead.get_by_role("checkbox", name=re.compile("南东巡查员")).check()
    lead.get_by_test_id("area-save").click()
    expect(lead.get_by_test_id("area")).to_contain_text("南东巡查员")
    expect(lead.get_by_test_id("on-duty")).to_contain_text("外滩东片")

    for language, viewport in (("zh-CN", (1440, 900)), ("zh-CN", (390, 844)), ("en", (390, 844)), ("en", (1440, 900))):
        lead.set_viewport_size({"width": viewport[0], "height": viewport[1]})
        if lead.evaluate("() => document.documentElement.lang") != language:
            lead.get_by_role("button", name=re.compile("English|中文")).first.click()
        expect(lead.get_by_test_id("on-duty")).to_contain_text("outside for" if language == "en" else "离开责任网格")
        lead.get_by_test_id("roll-call").first.scroll_into_view_if_needed()
        assert_fits(lead, f"{language} {viewport}")
        assert_accessible(lead, f"{language} {viewport}")
        lead.screenshot(path=tmp_path / f"patrol-{language}-{viewport[0]}.png", full_page=True)


def test_who_leads_no_patrol_is_not_shown_it(visit: Callable[..., Page]) -> None:
    page = visit("acceptor", path="/desk")
    expect(page.get_by_test_id("view-mine")).to_be_visible()
    expect(page.get_by_test_id("view-patrol")).to_have_count(0)
    page.goto(page.url.split("/desk")[0] + "/desk?view=patrol")
    expect(page.get_by_test_id("failure").first).to_be_visible()

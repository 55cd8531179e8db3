"""Reasons as a person reads them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from web.why import CENTRE, DEPARTMENT, SUBJECT, why_words

CENTRE_DATA = {"rule": "category-level", "level": "street", "category": "01001", "centre": {"name": "南京东路街道"}}
OWN = {"rule": "centre-itself", "department": None}
DUTY = {
    "rule": "duty",
    "cell": {"code": "1", "name": "南京东路街道"},
    "subject": "all",
    "department": {"name": "处置队", "name_en": "City team"},
}


def words(**why: Any) -> dict[str, str]:
    return why_words(why, "Asia/Shanghai")


def test_a_duty_and_a_deadline_in_both_languages() -> None:
    deadline = {
        "rule": "condition", "limit": 4, "unit": "work_hour", "zh": "井盖缺失", "en": "Cover missing",
        "due_at": datetime(2026, 3, 10, 2, 20, tzinfo=UTC),
    }  # fmt: skip
    said = words(centre=CENTRE_DATA, department=DUTY, deadline=deadline)
    assert said["zh"] == (
        "由街镇级处理的类别,负责中心是南京东路街道。南京东路街道的全部事项责任属于处置队。"
        "按立案条件“井盖缺失”,处置时限 4 工作时,至 2026-03-10 10:20。"
    )
    assert said["en"] == (
        "The category is settled at street level, so 南京东路街道 answers for it. "
        "City team has the duty for everything in 南京东路街道. "
        "Filed under “Cover missing”, which allows 4 working hours, until 2026-03-10 10:20."
    )


def test_a_deadline_that_has_not_begun_has_no_moment() -> None:
    said = words(deadline={"limit": 1, "unit": "work_day", "zh": "甲", "en": "A", "due_at": None})
    assert said == {"zh": "按立案条件“甲”,处置时限 1 工作日。", "en": "Filed under “A”, which allows 1 working day."}


@pytest.mark.parametrize("rule", sorted(CENTRE))
def test_every_rule_for_the_centre_has_words(rule: str) -> None:
    said = words(centre={**CENTRE_DATA, "rule": rule}, department=OWN)
    assert all("南京东路街道" in text for text in said.values())


@pytest.mark.parametrize("rule", sorted(DEPARTMENT))
@pytest.mark.parametrize("subject", sorted(SUBJECT))
def test_every_rule_for_the_department_has_words(rule: str, subject: str) -> None:
    said = words(department={**DUTY, "rule": rule, "subject": subject, "component": "0101"})
    assert all(text and "–" not in text for text in said.values())


def test_what_is_not_known_is_left_out() -> None:
    assert words() == {"zh": "", "en": ""}
    assert words(centre={"rule": "new"}, department={"rule": "newer"}, deadline=None) == {"zh": "", "en": ""}
    assert "–" in words(department={"rule": "component", "component": None, "department": "队"})["zh"]


# --- the days of a deadline -------------------------------------------------------------------------------------------


def run(first: str, last: str, minutes: int = 0, skipped: str | None = None, name: str = "") -> dict[str, Any]:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return {"from": begin, "to": end, "minutes": minutes, "skipped": skipped, "name": name}


DEADLINE = {"limit": 5, "unit": "work_day", "zh": "甲", "en": "A", "due_at": None}


COUNTED_ZH = "计时:9月29日 180 分钟,10月9日至10日 每天 480 分钟,10月30日至11月1日 每天 480 分钟。"
SKIPPED_ZH = "不计:9月30日 非工作时间,10月1日至8日 国庆节,10月11日 周末,12月25日 节假日。"
COUNTED_EN = "Counted: 29 Sep 180 min, 9–10 Oct 480 min a day, 30 Oct – 1 Nov 480 min a day. "
SKIPPED_EN = "Not counted: 30 Sep (out of hours), 1–8 Oct (国庆节), 11 Oct (weekend), 25 Dec (holiday)."


def days_said(*days: dict[str, Any], pauses: tuple[dict[str, Any], ...] = ()) -> tuple[str, str]:
    said = words(deadline={**DEADLINE, "days": list(days), "pauses": list(pauses)})
    return said["zh"].removeprefix("按立案条件“甲”,处置时限 5 工作日。"), said["en"].partition("days. ")[2]


def test_days_that_counted_and_days_that_did_not_are_said_in_runs() -> None:
    said = days_said(
        run("2026-09-29", "2026-09-29", 180),
        run("2026-09-30", "2026-09-30", skipped="closed"),
        run("2026-10-01", "2026-10-08", skipped="holiday", name="国庆节"),
        run("2026-10-09", "2026-10-10", 480),
        run("2026-10-11", "2026-10-11", skipped="weekend"),
        run("2026-10-30", "2026-11-01", 480),
        run("2026-12-25", "2026-12-25", skipped="holiday"),
    )
    assert said == (COUNTED_ZH + SKIPPED_ZH, COUNTED_EN + SKIPPED_EN)


BEGIN, END = datetime(2026, 3, 10, 2, 0, tzinfo=UTC), datetime(2026, 3, 11, 1, 30, tzinfo=UTC)


def test_pauses_are_said_with_their_reason_in_the_citys_zone() -> None:
    later = {"from": END, "to": END.replace(hour=3, minute=0), "reason": "send_verify"}
    said = days_said(pauses=({"from": BEGIN, "to": END, "reason": "refuse"}, later))
    assert said == (
        "暂停:3月10日 10:00 – 3月11日 09:30 退单,3月11日 09:30 – 3月11日 11:00 发核实。",
        "Paused: 10 Mar 10:00 – 11 Mar 09:30 (returned), 11 Mar 09:30 – 11 Mar 11:00 (send for verification).",
    )


def test_while_the_clock_rests_no_deadline_is_said_to_stand() -> None:
    pause = {"from": BEGIN, "to": None, "reason": "decide_suspension"}
    said = words(deadline={**DEADLINE, "due_at": END, "days": [], "pauses": [pause]})
    assert said == {
        "zh": "按立案条件“甲”,处置时限 5 工作日;自 3月10日 10:00 起暂停计时(挂账),期限随之顺延。",
        "en": "Filed under “A”, which allows 5 working days; the clock rests since 10 Mar 10:00 (suspended), and the "
        "deadline moves by as long as it does.",
    }


def test_extensions_are_named_beside_the_limit() -> None:
    more = [{"limit": 2, "unit": "work_hour"}, {"limit": 1, "unit": "work_day"}]
    said = words(deadline={**DEADLINE, "limit": 4, "unit": "work_hour", "due_at": END, "extensions": more})
    assert said == {
        "zh": "按立案条件“甲”,处置时限 4 工作时,延期 2 工作时、1 工作日,至 2026-03-11 09:30。",
        "en": "Filed under “A”, which allows 4 working hours, extended by 2 working hours and 1 working day, until "
        "2026-03-11 09:30.",
    }


def test_the_second_of_two_limits_is_called_that() -> None:
    said = words(deadline={**DEADLINE, "step": 2})
    assert said == {
        "zh": "按立案条件“甲”,第二步处置时限 5 工作日。",
        "en": "Filed under “A”, whose second step is allowed 5 working days.",
    }


def test_what_counted_by_another_unit_before_a_correction_is_said() -> None:
    said = words(deadline={**DEADLINE, "before": [{"unit": "work_day", "minutes": 90, "until": END}]})
    assert said["zh"].endswith("3月11日 09:30 更改前按“工作日”计 90 分钟。")
    assert said["en"].endswith("Before the change of 11 Mar 09:30, 90 min had counted by working days.")


def test_many_runs_are_cut_short() -> None:
    zh, en = days_said(*(run(f"2026-03-{day:02}", f"2026-03-{day:02}", 60 + day) for day in range(1, 12)))
    assert zh.endswith("3月8日 68 分钟…。")
    assert en.endswith("8 Mar 68 min….")

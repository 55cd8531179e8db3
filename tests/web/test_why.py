"""Reasons as a person reads them."""

from datetime import UTC, datetime
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

"""`why` in words: the rules that chose centre, department and deadline, as a person reads them."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from web.words import LANGUAGES, Language, fill, names_of

CENTRE: dict[str, dict[Language, str]] = {
    "category-level": {
        "zh": "由{level:zh}处理的类别,负责中心是{centre}",
        "en": "The category is settled at {level:en} level, so {centre} answers for it",
    },
    "no-category": {
        "zh": "还没有类别,先由{centre}负责",
        "en": "It has no category yet, so {centre} answers for it for now",
    },
    "passed-up": {"zh": "已上报,由{centre}负责", "en": "It was passed up, so {centre} answers for it"},
    "second-refusal": {
        "zh": "已两次退单,由上级{centre}裁定责任部门",
        "en": "Departments returned it twice, so {centre} decides who does it",
    },
    "keyed-here": {
        "zh": "尚未定位,由录入的{centre}负责",
        "en": "It has no place yet; {centre}, where it was keyed, answers",
    },
}
DEPARTMENT: dict[str, dict[Language, str]] = {
    "duty": {"zh": "{cell}的{subject}责任属于{department}", "en": "{department} has the duty for {subject} in {cell}"},
    "component": {
        "zh": "部件{component}由{department}养护",
        "en": "{department} looks after the component {component}",
    },
    "to-be-named": {"zh": "处置部门由该中心指定", "en": "That centre names the department"},
    "chosen": {"zh": "派遣员指定由{department}处置", "en": "The dispatcher named {department}"},
    "chosen-itself": {"zh": "派遣员指定由中心自行处置", "en": "The dispatcher left it to the centre itself"},
    "centre-itself": {"zh": "没有责任部门,由中心自行处置", "en": "No department has the duty; the centre handles it"},
}
SUBJECT: dict[str, dict[Language, str]] = {
    "category": {"zh": "此类别", "en": "this category"},
    "class": {"zh": "此大类", "en": "this class"},
    "all": {"zh": "全部事项", "en": "everything"},
}
DEADLINE: dict[Language, str] = {
    "zh": "按立案条件“{condition}”,处置时限 {limit} {unit}",
    "en": "Filed under “{condition}”, which allows {limit} {unit}",
}
THEN: dict[Language, str] = {
    "zh": "按立案条件“{condition}”,第二步处置时限 {limit} {unit}",
    "en": "Filed under “{condition}”, whose second step is allowed {limit} {unit}",
}
MORE: dict[Language, str] = {"zh": ",延期 {limits}", "en": ", extended by {limits}"}
DUE: dict[Language, str] = {"zh": ",至 {due}", "en": ", until {due}"}
RESTS: dict[Language, str] = {
    "zh": ";自 {since} 起暂停计时({reason}),期限随之顺延",
    "en": "; the clock rests since {since} ({reason}), and the deadline moves by as long as it does",
}
BEFORE: dict[Language, str] = {
    "zh": "{until} 更改前按“{unit}”计 {minutes} 分钟",
    "en": "Before the change of {until}, {minutes} min had counted by {unit}",
}
COUNTED: dict[Language, str] = {"zh": "计时:{days}", "en": "Counted: {days}"}
SKIPPED: dict[Language, str] = {"zh": "不计:{days}", "en": "Not counted: {days}"}
PAUSED: dict[Language, str] = {"zh": "暂停:{days}", "en": "Paused: {days}"}
ONE_DAY: dict[Language, str] = {"zh": "{day} {minutes} 分钟", "en": "{day} {minutes} min"}
EACH_DAY: dict[Language, str] = {"zh": "{day} 每天 {minutes} 分钟", "en": "{day} {minutes} min a day"}
BECAUSE: dict[Language, str] = {"zh": "{day} {reason}", "en": "{day} ({reason})"}
REASONS: dict[str, dict[Language, str]] = {
    "weekend": {"zh": "周末", "en": "weekend"},
    "holiday": {"zh": "节假日", "en": "holiday"},
    "closed": {"zh": "非工作时间", "en": "out of hours"},
}
AND: dict[Language, str] = {"zh": "、", "en": " and "}
COMMA: dict[Language, str] = {"zh": ",", "en": ", "}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# So many are told, and then that there are more.
TOLD_MOST = 8
END: dict[Language, str] = {"zh": "。", "en": ". "}


def why_words(why: dict[str, Any], zone: str) -> dict[str, str]:
    """The reasons in both languages; moments in the city's zone."""
    return {language: _words(why, language, ZoneInfo(zone)) for language in LANGUAGES}


def _words(why: dict[str, Any], language: Language, zone: ZoneInfo) -> str:
    parts = [_centre(why.get("centre") or {}, language), _department(why.get("department") or {}, language)]
    parts.append(_deadline(why.get("deadline"), language, zone))
    parts += _reckoning(why.get("deadline") or {}, language, zone)
    return "".join(part + END[language] for part in parts if part).strip()


def _name(value: Any) -> str:
    return str(value.get("name") or value.get("code") or "–") if isinstance(value, dict) else str(value or "–")


def _centre(why: dict[str, Any], language: Language) -> str:
    words = CENTRE.get(why.get("rule", ""))
    return fill(words[language], {"level": why.get("level"), "centre": _name(why.get("centre"))}) if words else ""


def _department(why: dict[str, Any], language: Language) -> str:
    words = DEPARTMENT.get(why.get("rule", ""))
    if words is None:
        return ""
    subject = SUBJECT.get(str(why.get("subject")), {}).get(language, "–")
    department = why.get("department")
    named = department.get("name_en") if language == "en" and isinstance(department, dict) else None
    data = {
        "cell": _name(why.get("cell")), "component": why.get("component"), "subject": subject,
        "department": named or _name(department),
    }  # fmt: skip
    return fill(words[language], data)


def _deadline(why: dict[str, Any] | None, language: Language, zone: ZoneInfo) -> str:
    if why is None:
        return ""
    template = THEN if why.get("step", 1) > 1 else DEADLINE
    unit = _unit(why["limit"], why["unit"], language)
    words = fill(template[language], {"condition": why[language], "limit": why["limit"], "unit": unit})
    if why.get("extensions"):
        more = [f"{one['limit']} {_unit(one['limit'], one['unit'], language)}" for one in why["extensions"]]
        words += fill(MORE[language], {"limits": AND[language].join(more)})
    if pause := _open_pause(why):
        reason = names_of(pause["reason"], language, "pause")
        return words + fill(RESTS[language], {"since": _moment(pause["from"], language, zone), "reason": reason})
    due = why["due_at"]
    return words + (fill(DUE[language], {"due": f"{due.astimezone(zone):%Y-%m-%d %H:%M}"}) if due else "")


def _unit(limit: int, unit: str, language: Language) -> str:
    words = names_of(unit, language)
    return words.removesuffix("s") if language == "en" and limit == 1 else words


def _open_pause(why: dict[str, Any]) -> dict[str, Any] | None:
    """The pause in which the clock rests now."""
    return next((one for one in why.get("pauses", ()) if one["to"] is None), None)


def _moment(moment: datetime, language: Language, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{_day(local.date(), language)} {local:%H:%M}"


def _reckoning(why: dict[str, Any], language: Language, zone: ZoneInfo) -> list[str]:
    """Which days counted and which did not, and the pauses: a sentence each, where there is anything to say."""
    days = why.get("days", ())
    counted = [_counted(run, language) for run in days if not run["skipped"]]
    skipped = [_skipped(run, language) for run in days if run["skipped"]]
    pauses = [_pause(one, language, zone) for one in why.get("pauses", ()) if one["to"] is not None]
    before = [_before(one, language, zone) for one in why.get("before", ())]
    return before + [
        fill(words[language], {"days": COMMA[language].join(told[:TOLD_MOST]) + ("…" if told[TOLD_MOST:] else "")})
        for words, told in ((COUNTED, counted), (SKIPPED, skipped), (PAUSED, pauses))
        if told
    ]


def _counted(run: dict[str, Any], language: Language) -> str:
    words = ONE_DAY if run["from"] == run["to"] else EACH_DAY
    return fill(words[language], {"day": _days(run, language), "minutes": run["minutes"]})


def _skipped(run: dict[str, Any], language: Language) -> str:
    reason = run["name"] or REASONS[run["skipped"]][language]
    return fill(BECAUSE[language], {"day": _days(run, language), "reason": reason})


def _days(run: dict[str, Any], language: Language) -> str:
    """A day, or the first and the last of some; the month is said once."""
    first, last = run["from"], run["to"]
    begin, end = _day(first, language), _day(last, language)
    if first == last:
        return begin
    if first.month != last.month:
        return f"{begin}至{end}" if language == "zh" else f"{begin} – {end}"
    return f"{begin}至{last.day}日" if language == "zh" else f"{first.day}–{end}"


def _day(day: date, language: Language) -> str:
    return f"{day.month}月{day.day}日" if language == "zh" else f"{day.day} {MONTHS[day.month - 1]}"


def _before(stretch: dict[str, Any], language: Language, zone: ZoneInfo) -> str:
    data = {"until": _moment(stretch["until"], language, zone), "unit": names_of(stretch["unit"], language)}
    return fill(BEFORE[language], {**data, "minutes": stretch["minutes"]})


def _pause(pause: dict[str, Any], language: Language, zone: ZoneInfo) -> str:
    begin, end = (_moment(moment, language, zone) for moment in (pause["from"], pause["to"]))
    reason = names_of(pause["reason"], language, "pause")
    return fill(BECAUSE[language], {"day": f"{begin} – {end}", "reason": reason})

"""Calendars kept by people: edited with a preview, imported (调休), copied, attached, and missed when a year lacks.

An edit is written at once; the open clocks that it moves are counted anew by the worker (recounting.py), each once.
"""

from cases.calendar_edits.attaching import attach_to_centre, attach_to_department
from cases.calendar_edits.editing import copy_calendar, edit_calendar
from cases.calendar_edits.preview import Preview, preview
from cases.calendar_edits.recounting import recount
from cases.calendar_edits.showing import edit_as_json, list_calendars, list_edits, show_calendar, show_days
from cases.calendar_edits.warning import tell_administrators, year_warnings
from cases.calendar_edits.wishes import DayWish, ScheduleWish, Wish

__all__ = [
    "DayWish", "Preview", "ScheduleWish", "Wish", "attach_to_centre", "attach_to_department", "copy_calendar",
    "edit_as_json", "edit_calendar", "list_calendars", "list_edits", "preview", "recount", "show_calendar", "show_days",
    "tell_administrators", "year_warnings",
]  # fmt: skip

"""Tables of the cases: catalogue, reports, cases, handlings, clocks, events, notices, escalation.

Rows that machines pour in (reports, cases, events, clocks) carry few foreign keys: what they point at
(editions, categories, people, calendars) is never deleted (docs/decisions/0003).
"""

from cases.models.calendar import Calendar, CalendarDay, Schedule
from cases.models.case import (
    OPEN,
    Case,
    CasePhoto,
    Handling,
    HandlingState,
    Photo,
    PhotoKind,
    Report,
    Source,
    case_running,
)
from cases.models.catalogue import Catalogue, Category, CategoryKind, FilingCondition
from cases.models.clock import Clock, ClockState, Escalation, Rung, SupervisionOrder
from cases.models.story import Event, Heartbeat, Notice, NoticeRead

__all__ = [
    "OPEN",
    "Calendar",
    "CalendarDay",
    "Case",
    "CasePhoto",
    "Catalogue",
    "Category",
    "CategoryKind",
    "Clock",
    "ClockState",
    "Escalation",
    "Event",
    "FilingCondition",
    "Handling",
    "HandlingState",
    "Heartbeat",
    "Notice",
    "NoticeRead",
    "Photo",
    "PhotoKind",
    "Report",
    "Rung",
    "Schedule",
    "Source",
    "SupervisionOrder",
    "case_running",
]

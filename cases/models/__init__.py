"""Tables of the cases: catalogue, reports, cases, handlings, clocks, events, notices, escalation.

Rows that machines pour in (reports, cases, events, clocks) carry few foreign keys: what they point at
(editions, categories, people, calendars) is never deleted (docs/decisions/0003).
"""

from cases.models.calendar import Calendar, CalendarDay, CalendarEdit, Schedule
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
from cases.models.clock import Clock, ClockState, Escalation, OrderKind, Rung, SupervisionOrder
from cases.models.delivery import Channel, Delivery, DeliveryState, Tail, Webhook
from cases.models.patrol import Alarm, AlarmKind, PushAddress, RollCall, RollCallAnswer, Shift, Track
from cases.models.request import Approver, Claim, Request, RequestKind, RequestState
from cases.models.story import Event, Heartbeat, Notice, NoticeRead

__all__ = [
    "OPEN",
    "Alarm",
    "AlarmKind",
    "Approver",
    "Calendar",
    "CalendarDay",
    "CalendarEdit",
    "Case",
    "CasePhoto",
    "Catalogue",
    "Category",
    "CategoryKind",
    "Channel",
    "Claim",
    "Clock",
    "ClockState",
    "Delivery",
    "DeliveryState",
    "Escalation",
    "Event",
    "FilingCondition",
    "Handling",
    "HandlingState",
    "Heartbeat",
    "Notice",
    "NoticeRead",
    "OrderKind",
    "Photo",
    "PhotoKind",
    "PushAddress",
    "Report",
    "Request",
    "RequestKind",
    "RequestState",
    "RollCall",
    "RollCallAnswer",
    "Rung",
    "Schedule",
    "Shift",
    "Source",
    "SupervisionOrder",
    "Tail",
    "Track",
    "Webhook",
    "case_running",
]

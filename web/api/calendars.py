"""Working calendars: read, previewed, edited, copied, and attached to organisations."""

from datetime import date
from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from cases.calendar_edits import (
    DayWish,
    ScheduleWish,
    Wish,
    attach_to_centre,
    attach_to_department,
    copy_calendar,
    edit_as_json,
    edit_calendar,
    list_calendars,
    list_edits,
    preview,
    show_calendar,
    show_days,
    year_warnings,
)
from cases.stages import ClockKind
from cases.workdays import DayKind
from core.errors import NotAllowed
from grid.departments import find_centre, find_department
from grid.levels import Level
from people.roles import MAY, Permission
from web.answers import answer
from web.bodies import LARGEST_SMALL_ID, Answer, Body, Line, Moment, Paging, Query, gives, refuses, takes
from web.cursors import make_cursor, read_cursor
from web.signin import allow, person, person_id
from web.transaction import db, now, runtime

blueprint = APIBlueprint("calendars", __name__, tag="Calendars")

ONE = f"/calendars/<int(max={LARGEST_SMALL_ID}):calendar_id>"
DAYS_MOST, TEXT_MOST, SCHEDULES_MOST, SHIFTS_MOST = 1200, 100_000, 50, 6
Clock24 = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
ShiftPair = Annotated[list[Clock24], Field(min_length=2, max_length=2, description="From, to; not after: the next day")]
CalendarId = Annotated[int, Field(ge=1, le=LARGEST_SMALL_ID)]
Version = Annotated[int, Field(ge=0, le=LARGEST_SMALL_ID, description="The version that was seen")]
Year = Annotated[int, Field(ge=1901, le=2200)]


# --- what is answered -------------------------------------------------------------------------------------------------


class ScheduleAnswer(Answer):
    valid_from: date
    shifts: list[list[str]]


class YearAnswer(Answer):
    year: int
    days: int
    complete: bool
    provisional: int = Field(description="Days that are only guessed")


class CalendarAnswer(Answer):
    id: int
    name: str
    zone: str
    version: int
    schedules: list[ScheduleAnswer]
    years: list[YearAnswer]
    centres: int
    departments: int


class YearWarningAnswer(Answer):
    calendar_id: int
    name: str
    year: int
    missing: bool
    provisional: int


class CalendarsAnswer(Answer):
    items: list[CalendarAnswer]
    next: str | None
    warnings: list[YearWarningAnswer] = Field(description="Years that calendars in use lack or only guess")


class DayAnswer(Answer):
    day: date
    kind: DayKind
    name: str
    provisional: bool
    source: str


class DaysAnswer(Answer):
    year: int
    version: int
    days: list[DayAnswer]


class ChangedDay(Answer):
    day: date
    was: DayKind | None
    kind: DayKind
    name: str


class MovedDeadline(Answer):
    no: str
    kind: ClockKind
    due_at: Moment
    new_due_at: Moment


class PreviewAnswer(Answer):
    version: int
    changed: list[ChangedDay]
    clocks: int = Field(description="Open clocks that count by this calendar")
    moved: int
    earlier: int
    later: int
    items: list[MovedDeadline] = Field(description="The first 50 that move")


class EditAnswer(Answer):
    id: int
    at: Moment
    person: str | None
    version: int
    change: dict[str, Any]
    clocks: int = Field(description="Open clocks that were counted anew so far")
    moved: int = Field(description="Of these so many deadlines moved")
    done_at: Moment | None = Field(description="Null: the worker is at it")


class EditsAnswer(Answer):
    items: list[EditAnswer]
    next: str | None


class MadeEditAnswer(Answer):
    edit: EditAnswer
    calendar: CalendarAnswer


class AttachedCentre(Answer):
    code: str
    name: str
    level: Level
    calendar_id: int


class AttachedDepartment(Answer):
    code: str
    name: str
    name_en: str
    calendar_id: int | None


# --- what is taken ----------------------------------------------------------------------------------------------------


class NewCalendar(Body):
    name: Annotated[Line, Field(max_length=80)]
    copy_of: CalendarId


class DayBody(Body):
    day: date
    kind: DayKind
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""


class ScheduleBody(Body):
    valid_from: date
    shifts: list[ShiftPair] = Field(max_length=SHIFTS_MOST, description="None: the schedule of that day goes away")


class Edit(Body):
    """Days one by one, or a year's notice as text (a day a line), and shifts from a day on."""

    version: Version
    days: list[DayBody] | None = Field(None, max_length=DAYS_MOST)
    text: Annotated[str, StringConstraints(max_length=TEXT_MOST)] | None = Field(
        None, description="`2027-01-01,holiday,元旦` a line; the year's guessed days that it leaves out become plain"
    )
    schedules: list[ScheduleBody] | None = Field(None, max_length=SCHEDULES_MOST)

    def wish(self) -> Wish:
        """The same for `cases`, with the places that faults are told by."""
        return Wish(
            tuple(
                DayWish(one.day, one.kind, one.name, f"days.{index}.day") for index, one in enumerate(self.days or ())
            ),
            self.text or "",
            tuple(
                ScheduleWish(one.valid_from, tuple((pair[0], pair[1]) for pair in one.shifts), f"schedules.{index}")
                for index, one in enumerate(self.schedules or ())
            ),
        )

    @model_validator(mode="after")
    def _says_something(self) -> "Edit":
        if not (self.days or self.text or self.schedules):
            raise PydanticCustomError("nothing_changes", "nothing")
        return self


class DaysQuery(Query):
    year: Year


class Attaching(Body):
    calendar_id: CalendarId


class AttachingOrNot(Body):
    calendar_id: CalendarId | None = Field(description="Null: its centre's")


# --- views ------------------------------------------------------------------------------------------------------------


@blueprint.get("/calendars")
@allow(Permission.SEE_GROUND)
@takes(query=Paging)
@gives(CalendarsAnswer)
def calendars(*, query: Paging) -> Response:
    """All calendars with their years, and what calendars in use lack."""
    after = read_cursor(query.cursor, int, most=LARGEST_SMALL_ID)[0] if query.cursor else 0
    found = list_calendars(db(), after=after, limit=query.limit + 1)
    page = found[: query.limit]
    following = make_cursor(page[-1]["id"]) if len(found) > len(page) else None
    warnings = year_warnings(db(), now=now(), settings=runtime().settings)
    return answer({"items": page, "next": following, "warnings": warnings})


@blueprint.post("/calendars")
@allow(Permission.KEEP_RULES)
@takes(NewCalendar)
@gives(CalendarAnswer, 201)
@refuses("calendar-taken")
def make(*, body: NewCalendar) -> Response:
    """Another calendar, to begin with a copy: for organisations that work by other hours or days."""
    check_keeper()
    made = copy_calendar(db(), body.name, body.copy_of, now=now())
    return answer(show_calendar(db(), made.id), 201)


@blueprint.get(f"{ONE}/days")
@allow(Permission.SEE_GROUND)
@takes(query=DaysQuery)
@gives(DaysAnswer)
@refuses("no-such-calendar")
def days(calendar_id: int, *, query: DaysQuery) -> Response:
    """The days of one year; none: the calendar doesn't have it."""
    return answer(show_days(db(), calendar_id, query.year))


@blueprint.post(f"{ONE}/preview")
@allow(Permission.KEEP_RULES)
@takes(Edit)
@gives(PreviewAnswer)
@refuses("no-such-calendar", "stale-version")
def preview_edit(calendar_id: int, *, body: Edit) -> Response:
    """Which days an edit would change, and which deadlines it would move. Nothing is changed."""
    check_keeper()
    found = preview(db(), calendar_id, body.wish(), version=body.version, now=now())
    return answer(found.as_json())


@blueprint.post(f"{ONE}/edits")
@allow(Permission.KEEP_RULES)
@takes(Edit)
@gives(MadeEditAnswer, 201)
@refuses("no-such-calendar", "stale-version")
def edit(calendar_id: int, *, body: Edit) -> Response:
    """Change the calendar. The worker counts open clocks anew, each once; closed ones never."""
    check_keeper()
    made, _ = edit_calendar(db(), calendar_id, body.wish(), version=body.version, person_id=person_id(), now=now())
    return answer({"edit": edit_as_json(db(), made), "calendar": show_calendar(db(), calendar_id)}, 201)


@blueprint.get(f"{ONE}/edits")
@allow(Permission.KEEP_RULES)
@takes(query=Paging)
@gives(EditsAnswer)
@refuses("no-such-calendar")
def edits(calendar_id: int, *, query: Paging) -> Response:
    """What was changed, by whom, and how far the open clocks have followed; the newest first."""
    before = read_cursor(query.cursor, int, most=LARGEST_SMALL_ID)[0] if query.cursor else None
    found = list_edits(db(), calendar_id, before=before, limit=query.limit + 1)
    page = found[: query.limit]
    return answer({"items": page, "next": make_cursor(page[-1]["id"]) if len(found) > len(page) else None})


@blueprint.put("/centres/<code>/calendar")
@allow(Permission.KEEP_RULES)
@takes(Attaching)
@gives(AttachedCentre)
@refuses("no-such-centre")
def attach_centre(code: str, *, body: Attaching) -> Response:
    """Let a centre work by this calendar: the clocks that begin from now on."""
    centre = find_centre(db(), code)
    check_keeper(centre.line)
    attach_to_centre(db(), centre, body.calendar_id)
    return answer({name: getattr(centre, name) for name in AttachedCentre.model_fields})


@blueprint.put("/departments/<code>/calendar")
@allow(Permission.KEEP_RULES)
@takes(AttachingOrNot)
@gives(AttachedDepartment)
@refuses("no-such-department")
def attach_department(code: str, *, body: AttachingOrNot) -> Response:
    """Let a department work by a calendar of its own, or again by its centre's."""
    department, centre = find_department(db(), code)
    check_keeper(centre.line)
    attach_to_department(db(), department, body.calendar_id)
    return answer({name: getattr(department, name) for name in AttachedDepartment.model_fields})


def check_keeper(line: list[str] | None = None) -> None:
    """What holds for the whole city is changed by who administers its root; an organisation, by who does above it."""
    for seat in person().seats:
        if Permission.KEEP_RULES in MAY[seat.role] and (len(seat.line) == 1 or seat.centre_code in (line or ())):
            return
    raise NotAllowed(needs=[Permission.KEEP_RULES.value])

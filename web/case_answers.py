"""The shapes in which cases are answered, for lists and for one: what `@gives` promises."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from cases.clock import Light
from cases.models import (
    Approver,
    CategoryKind,
    ClockState,
    HandlingState,
    OrderKind,
    PhotoKind,
    RequestKind,
    RequestState,
    Source,
)
from cases.stages import ClockKind, CloseType, Outcome, Stage
from cases.workdays import Unit
from grid.levels import Level
from people.roles import Role
from web.bodies import Answer, Moment


class CategoryName(Answer):
    code: str
    kind: CategoryKind
    zh: str
    en: str
    class_code: str
    class_zh: str
    class_en: str


class BurningClock(Answer):
    kind: ClockKind
    due_at: Moment
    yellow_at: Moment
    paused: bool


class CasePoint(Answer):
    lon: float
    lat: float
    crs: Literal["wgs84"]


class PlaceName(Answer):
    code: str
    level: Level
    name: str


class DepartmentName(Answer):
    id: int
    code: str
    name: str
    name_en: str
    centre: str | None = Field(None, description="The name of its centre, where several may be meant")


class ClaimAnswer(Answer):
    """Who has a case open."""

    person: str
    at: Moment
    until: Moment = Field(description="It ends then unless it is renewed")
    mine: bool


class CaseItem(Answer):
    """What a list shows of a case."""

    no: str
    stage: Stage
    version: int
    category: CategoryName | None = Field(description="Null: an inspector's quick report")
    source: Source
    urgent: bool
    light: Light
    clock: BurningClock | None = Field(description="The clock that burns; null when nothing runs")
    left_minutes: int | None = Field(description="Minutes of the clock's own time that are left; negative: over")
    point: CasePoint | None
    address: str | None
    line: list[PlaceName] = Field(description="From the city down, as far as it is known")
    centre: PlaceName
    department: DepartmentName | None
    reported_at: Moment
    filed_at: Moment | None
    dispatched_at: Moment | None
    handled_at: Moment | None
    ended_at: Moment | None
    handle_due_at: Moment | None
    handled_on_time: bool | None
    close_type: CloseType | None
    description: str
    urged_count: int
    supervised_level: Level | None
    red_card: bool
    round: int
    joint: bool = Field(description="Other departments assist")
    awaits: Approver | None = Field(description="Whose approval a request on the case waits for")
    merged_into: str | None = Field(description="The first case that this one is a duplicate of")
    claim_by: str | None = Field(description="Who has it open")
    photo: UUID | None


class Condition(Answer):
    id: int
    zh: str
    en: str
    limit: int
    unit: Unit
    closing_zh: str
    closing_en: str
    photos_before: int
    photos_after: int
    then_limit: int | None = Field(description="A second limit, which begins when the first step is done")
    then_unit: Unit | None


class DepartmentChoice(Answer):
    code: str
    name: str
    name_en: str
    centre: str = Field(description="The name of its centre")


class ClockAnswer(Answer):
    kind: ClockKind
    round: int
    state: ClockState
    urgent: bool
    unit: Unit
    limit_minutes: int
    used_minutes: int
    left_minutes: int
    started_at: Moment
    due_at: Moment
    yellow_at: Moment
    stopped_at: Moment | None
    on_time: bool | None
    segments: list[Any] = Field(description="[start, end or null, why it ended], in order")
    next_raise_at: Moment | None
    light: Light


class HandlingAnswer(Answer):
    round: int
    lead: bool = Field(description="False: the department assists")
    department: DepartmentName | None = Field(description="Null: the centre itself")
    unit: DepartmentName | None = Field(description="The unit below the department that works on it")
    state: HandlingState
    dispatched_at: Moment
    due_at: Moment
    refuse_until: Moment | None = Field(description="Until then the department may return it")
    signed_at: Moment | None
    ended_at: Moment | None
    on_time: bool | None
    step_on_time: bool | None = Field(description="Of two limits in a row: whether the first was kept")
    text: str


class ApprovalAnswer(Answer):
    by: Approver
    name: str
    at: Moment
    outcome: Outcome
    text: str


class RequestAnswer(Answer):
    """Something that was asked for, with the approvals that it has."""

    id: int
    kind: RequestKind
    state: RequestState
    asked_at: Moment
    asked_by: str | None
    reason: str
    data: dict[str, Any] = Field(description="extension: limit, unit, seconds; suspension: resume_on")
    awaits: Approver | None = Field(description="Whose approval is next; null once it is decided")
    approvals: list[ApprovalAnswer]
    decided_at: Moment | None


class SecondLimit(Answer):
    """What follows the first limit: make safe, then repair."""

    limit: int
    unit: Unit
    closing_zh: str
    closing_en: str


class PhotoAnswer(Answer):
    id: UUID
    kind: PhotoKind
    round: int
    at: Moment
    arrived: bool = Field(description="False: named, its bytes have not come from the one who named it")
    url: str


class OrderAnswer(Answer):
    id: int
    centre: PlaceName = Field(description="Who supervises; who is to answer is the responsible centre")
    kind: OrderKind
    rung: str = Field(description="The rung that made it, or `order`: a person did")
    text: str
    issued_at: Moment
    issued_by: str | None = Field(description="Null: the ladder did")
    reply_due_at: Moment
    replied_at: Moment | None
    replied_by: str | None
    reply: str | None
    closed_at: Moment | None = Field(
        description="Null: open. Without `replied_at`: the case went elsewhere or ended, and nobody replies any more"
    )
    red_card: bool
    open: bool
    clock: ClockAnswer | None = Field(description="How long the answer may take; null: from before orders had clocks")


class DuplicateAnswer(Answer):
    """A report of the same thing, merged into the case: directly, or into one of its duplicates."""

    no: str
    stage: Stage
    source: Source
    category: CategoryName | None
    reported_at: Moment
    description: str
    reporter: str | None
    photos: list[PhotoAnswer]


class EffectClock(Answer):
    kind: ClockKind
    due_at: Moment


class OutcomeEffect(Answer):
    to: Stage
    clock: EffectClock | None


class Effect(OutcomeEffect):
    outcomes: dict[str, OutcomeEffect] | None = Field(None, description="Of a verb that branches: by outcome")
    conditions: dict[str, OutcomeEffect] | None = Field(None, description="Of filing: by the condition's id")
    limits: dict[str, Moment] | None = Field(None, description="Of an extension: the deadline by so many units more")


class WhyWords(Answer):
    zh: str
    en: str


class Why(Answer):
    """The rules that chose centre, department and deadline, as data and in words."""

    centre: dict[str, Any]
    department: dict[str, Any]
    deadline: dict[str, Any] | None
    words: WhyWords


class ReportOfCase(Answer):
    id: UUID | None
    observed_at: Moment | None
    device_at: Moment | None = Field(description="What the sender's clock said, where that is another moment")
    received_at: Moment
    person: str | None


class CaseDetail(CaseItem):
    """Everything about one case."""

    placement: dict[str, Any] | None
    why: Why
    condition: Condition | None
    conditions: list[Condition] = Field(description="The category's, to choose from before filing")
    suggested_department: DepartmentName | None
    departments: list[DepartmentChoice] = Field(description="To choose from when it waits for dispatch")
    units: list[DepartmentChoice] = Field(description="Below the department, to hand the work on to")
    clocks: list[ClockAnswer]
    handlings: list[HandlingAnswer]
    photos: list[PhotoAnswer]
    orders: list[OrderAnswer]
    requests: list[RequestAnswer] = Field(description="The oldest first")
    step: int = Field(description="Of two limits in a row: 1 or 2")
    then: SecondLimit | None
    resume_at: Moment | None = Field(description="When a suspended case goes on by itself")
    rework_count: int
    refused_count: int = Field(description="How often departments have returned it")
    designated: bool = Field(description="The higher centre has named the department: it can't return it")
    excused_at: Moment | None = Field(description="An appeal was granted: left out of the statistics")
    allowed_verbs: list[str]
    effects: dict[str, Effect] = Field(description="What each allowed verb would do")
    report: ReportOfCase
    claim: ClaimAnswer | None = Field(description="Who has it open")
    duplicates: list[DuplicateAnswer] = Field(description="The oldest first; at most 50")


class EventPerson(Answer):
    name: str
    role: Role | None


class EventItem(Answer):
    id: int
    at: Moment
    verb: str
    outcome: str | None
    stage_from: str | None
    stage_to: str
    person: EventPerson | None
    data: dict[str, Any]


class EventsAnswer(Answer):
    items: list[EventItem]
    next: str | None

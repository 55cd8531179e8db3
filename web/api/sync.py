"""Everything that the inspector's app keeps on the phone, in one answer."""

import tomllib
from typing import Annotated, Any
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import Field, StringConstraints

from cases.clock import Light
from cases.models import AlarmKind
from cases.stages import Stage
from cases.syncing import REPORTS_MOST, STREETS_MOST, Held, sync
from core.settings import ROOT
from grid.levels import Level
from grid.models import ComponentState
from people.roles import Permission
from web.api.catalogue import CategoriesAnswer
from web.bodies import Answer, Moment, Query, gives, refuses, takes
from web.case_answers import CaseItem, CasePoint, CategoryName
from web.parts import LEAST_BYTES, gzipped, join, kept_part, text
from web.signin import allow, person
from web.transaction import now, reader, runtime

blueprint = APIBlueprint("sync", __name__, url_prefix="/sync", tag="Field")
VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
KEPT = ("categories", "phrases", "grid")
"""Parts with a version, which many people are told alike."""
Version = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,40}$")]


class SyncAsked(Query):
    """What the phone has: the versions of the answer before; nothing: it has nothing."""

    categories: Version | None = Field(None, description="`categories.version` that is held")
    phrases: Version | None = Field(None, description="`phrases.version` that is held")
    grid: Version | None = Field(None, description="`grid.version` that is held")
    components: Version | None = Field(None, description="`components.version` that is held")
    street: Code | None = Field(None, description="Components of this street instead of the person's own")


class NamedPerson(Answer):
    id: int
    name: str


class Server(Answer):
    version: str


class TrackTold(Answer):
    enabled: bool = Field(description="True: the way in duty time is kept, and the person is told so")
    every_seconds: int
    batch: int


class FenceTold(Answer):
    enabled: bool
    metres: float
    minutes: int


class BasemapTold(Answer):
    """Tiles to draw under the map; `{key}` in the url is for the client to fill."""

    url: str
    kind: str = Field(description="xyz or wmts")
    layer: str
    matrix_set: str = Field(description="WMTS: w (EPSG:3857) or c (EPSG:4490)")
    crs: str = Field(description="wgs84, or gcj02 for tiles that are shifted")
    key: str
    attribution: str
    most_zoom: int


class FieldSettings(Answer):
    fix_seconds: int = Field(description="Wait so long for a good position")
    fix_metres: float = Field(description="A good one is at least so accurate")
    poor_metres: float = Field(description="Worse than this: warn")
    photo_side: int = Field(description="Pixels; 0: photos are sent as they are")
    photo_bytes: int
    track: TrackTold
    fence: FenceTold
    push_key: str | None = Field(description="For `pushManager.subscribe`; null: no push")
    basemap: BasemapTold | None


class PhraseItem(Answer):
    class_code: str | None = Field(description="Null: for every class")
    zh: str
    en: str


class PhrasesAnswer(Answer):
    version: str
    items: list[PhraseItem]


class CompactCell(Answer):
    code: str
    name: str
    level: Level
    parent: str | None


class CompactGrid(Answer):
    """The cells of a district with shared borders once; integers of 1/`scale` degree, WGS-84, lon before lat."""

    version: str
    edition: str
    scale: int
    rounded: bool | None = Field(None, description="True: the edition's own vertices are finer than the scale")
    cells: list[CompactCell]
    arcs: list[list[int]] = Field(description="The first point, then differences: lon, lat, lon, lat …")
    polygons: dict[str, list[list[list[int]]]] = Field(
        description="By village: polygons of rings of arcs; `~i` is arc `i` reversed. Higher cells are unions"
    )


class ComponentsTold(Answer):
    streets: list[str] = Field(
        description="Whose they are: the streets of the person's posts; of an inspector of a district or of the city "
        f"those of the duty areas, at most {STREETS_MOST}. None: the person has no street (any more); "
        "`GET /components?near=` tells those around a place"
    )
    version: str = Field(description="To go on from, and to ask with the next time")
    whole: bool = Field(description="Nothing was held, or other streets', or another database's: forget those held")
    more: bool = Field(description="Ask again with `version` at once")
    items: list[tuple[str, str, str, float, float, tuple[str, str] | None, str, ComponentState]] = Field(
        description="[id, category, name, lon, lat, [department's name, in English or empty], owner, state]"
    )
    gone: list[str]


class DutyAreaTold(Answer):
    code: str
    name: str
    polygon: dict[str, Any] = Field(description="GeoJSON MultiPolygon, WGS-84")


class ShiftTold(Answer):
    id: UUID
    started_at: Moment


class CentreTold(Answer):
    code: str
    name: str


class RollCallTold(Answer):
    id: int
    centre: CentreTold
    called_at: Moment
    answer_by: Moment
    photo_wanted: bool
    text: str


class AlarmTold(Answer):
    kind: AlarmKind
    started_at: Moment


class TaskItem(CaseItem):
    photos: list[UUID] = Field(description="All that are named on the case, the oldest first")


class OwnReport(Answer):
    no: str
    stage: Stage
    light: Light
    category: CategoryName | None = Field(description="Null: a quick report")
    reported_at: Moment
    point: CasePoint | None = Field(description="Null: reported without a place")


class SyncAnswer(Answer):
    now: Moment = Field(description="The server's clock, to reckon the phone's error by")
    person: NamedPerson
    server: Server
    settings: FieldSettings
    categories: CategoriesAnswer | None = Field(description="Null: unchanged")
    phrases: PhrasesAnswer | None = Field(description="Null: unchanged")
    grid: CompactGrid | None = Field(
        description="One district: of a post at a street or village, or at one district, that one; of an inspector of "
        "several districts or of the city, where most of their duty areas lie, else the first of the posts. "
        "Null: unchanged, or the whole city's post and no duty area"
    )
    components: ComponentsTold | None = Field(description="Null: nothing new, or no street to tell of")
    duty_areas: list[DutyAreaTold]
    shift: ShiftTold | None = Field(description="The open one")
    roll_calls: list[RollCallTold] = Field(description="Those that wait for the person")
    tasks: list[TaskItem] = Field(description="To verify and to check, what is due next first")
    reports: list[OwnReport] = Field(description=f"The person's own latest {REPORTS_MOST}, the newest first")
    unread: int
    alarm: AlarmTold | None


@blueprint.get("")
@allow(Permission.REPORT, Permission.ACT_ON_CASES)
@takes(query=SyncAsked)
@gives(SyncAnswer)
@refuses("no-cell")
def show(*, query: SyncAsked) -> Response:
    """All that the app needs for a shift; parts whose version is held already are null."""
    held = Held(query.categories, query.phrases, query.grid, query.components, query.street)
    found = sync(reader(), person(), held, now=now(), settings=runtime().settings)
    found["server"] = {"version": VERSION}
    parts = {
        name: None if (data := found.pop(name)) is None else kept_part(name, data["version"], data) for name in KEPT
    }
    pieces = join(found, parts)
    plain = text(pieces)
    small = len(plain) < LEAST_BYTES or request.accept_encodings.quality("gzip") == 0
    response = Response(plain if small else gzipped(pieces), mimetype="application/json")
    if not small:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    return response

"""A case about something else (recategorise, 改类), or that lies elsewhere (relocate, 改位置): routed anew."""

from typing import Any

from sqlalchemy import func, select

from cases.categories import CategoryEntry, categories
from cases.handling.clockwork import to_step
from cases.handling.dispatching import withdraw
from cases.handling.fields import Fields
from cases.handling.filing import name_condition, read_condition
from cases.handling.joint import follow_deadline
from cases.handling.moving import MOVED_UP, move_to
from cases.handling.work import Deed, Reading, Work
from cases.intake.body import MOST_ADDRESS, check_point
from cases.intake.opening import ground_of
from cases.models import Case, Category, FilingCondition, Report
from cases.stages import IN_HAND, Outcome, Stage, Verb
from core.errors import Invalid
from grid.levels import Level
from grid.locating import Place, locate
from grid.models import Centre
from grid.routing import Route, Subject, route
from people.models import Post

# --- who answers now --------------------------------------------------------------------------------------------------


def _find(reading: Reading, values: dict[str, Any], _: Outcome | None) -> Outcome | None:
    """Route anew; MOVED takes the case from the department that has it, because another one answers now."""
    case = reading.case
    found = values["route"] = _new_route(reading, values)
    if found is None or case.stage not in IN_HAND | {Stage.SUSPENDED}:
        return None
    stays = {case.department_id, case.suggested_department_id}
    moved = found.centre_id != case.centre_id or found.department_id not in stays
    return Outcome.MOVED if moved else None


def _new_route(reading: Reading, values: dict[str, Any]) -> Route | None:
    """None: who answers does so still.

    So it is without a place, where it was keyed, and for a case that people moved up and whose route by the rules is
    the same with the change as without it.
    """
    case = reading.case
    place: Place | None = values.get("place")
    if place is None and case.edition_id is None:
        return None
    present = reading.session.get(Category, case.category_id) if case.category_id is not None else None
    line = _living(reading)
    after = _route(reading, values.get("category") or present, line if place is None else place.codes)
    if case.edition_id is None or case.why["centre"]["rule"] not in MOVED_UP:
        return after
    before = _route(reading, present, line)
    same = (before.centre_id, before.department_id) == (after.centre_id, after.department_id)
    return None if same else after


def _living(reading: Reading) -> list[str]:
    """The case's line as far as there are centres: an edition of the grid may have retired one since then."""
    wanted = select(Centre.code).where(Centre.code.in_(reading.line), Centre.retired_at.is_(None))
    there = set(reading.session.scalars(wanted))
    return [code for code in reading.line if code in there]


def _route(reading: Reading, category: Subject | None, line: list[str]) -> Route:
    """By the component that the report named, too, as long as there is one."""
    component = Report.body["component_id"].as_string()
    named = reading.session.scalar(select(component).where(Report.case_id == reading.case.id).limit(1))
    conn = reading.session.connection()
    try:
        return route(conn, line, category, named, now=reading.now)
    except Invalid:
        return route(conn, line, category, now=reading.now)


def _reroute(work: Work) -> None:
    case = work.case
    if work.outcome is Outcome.MOVED:
        withdraw(work)
        case.refused_count, case.designated = 0, False  # that was about another department
    found: Route | None = work.values["route"]
    if found is not None:
        centre = work.session.get_one(Centre, found.centre_id)
        move_to(work, centre, found.why, department_id=found.department_id)


# --- recategorise -----------------------------------------------------------------------------------------------------


def _read_recategorise(fields: Fields, reading: Reading) -> dict[str, Any]:
    reason, code = fields.text("reason", required=True), fields.text("category_code", required=True)
    category = categories(reading.session).get(code)
    if code is not None and category is None:
        fields.fault("category_code", "no_such_category")
    condition = _read_condition(fields, reading, category)
    values = {"reason": reason, "category": category, "condition": condition}
    if category is None or fields.errors:
        return values
    if category.id == reading.case.category_id and (condition is None or condition.id == reading.case.condition_id):
        fields.fault("category_code", "same_category")
    return values


def _read_condition(fields: Fields, reading: Reading, category: CategoryEntry | None) -> FilingCondition | None:
    """As in `file` once it is filed; before that it may be named."""
    if reading.case.filed_at is None and fields.take("condition_id") is None:
        return None
    return read_condition(fields, reading, category.id if category else None)


def _recategorise(work: Work) -> None:
    case, category, condition = work.case, work.values["category"], work.values["condition"]
    case.category_id, case.category_code = category.id, category.code
    if condition is not None:
        name_condition(work, condition)
        to_step(work, 1 if condition.then_limit is None else case.step)
    else:  # not filed: what the sender named was a condition of the former category
        case.condition_id, case.urgent, work.look.condition = None, False, None
    _reroute(work)
    work.data["category_code"] = category.code
    work.keep_text("reason")


# --- relocate ---------------------------------------------------------------------------------------------------------


def _read_relocate(fields: Fields, reading: Reading) -> dict[str, Any]:
    values: dict[str, Any] = {
        "reason": fields.text("reason", required=True), "address": fields.text("address", most=MOST_ADDRESS),
        "sent": fields.take("point"),
    }  # fmt: skip
    if values["sent"] is None:
        fields.fault("point", "required")
        return values
    try:
        values["point"] = point = check_point(values["sent"])
    except Invalid as wrong:
        fields.errors += wrong.errors
        return values
    if not fields.errors:
        near_m = reading.settings.intake.near_metres
        conn, (lon, lat) = reading.session.connection(), point.wgs84()
        values["place"] = locate(conn, lon, lat, accuracy_m=point.accuracy_m, near_m=near_m)
    return values


def _relocate(work: Work) -> None:
    case, place = work.case, work.values["place"]
    lon, lat = work.values["point"].wgs84()
    here = {"lon": lon, "lat": lat, "cell": place.as_json()["cell"]}
    work.changed["place"] = [_place_before(work), here]
    ground = ground_of(place)
    case.geom = func.ST_SetSRID(func.ST_Point(lon, lat), 4326)
    case.edition_id = ground.edition_id
    for level, code in zip(Level, ground.codes, strict=True):
        setattr(case, f"{level.value}_code", code)
    case.placement = place.as_json() | {"raw": work.values["sent"]}
    case.inspector_id = None  # another beat
    case.address = work.values["address"] or case.address
    work.look.posts = _posts(work, ground.line)
    _reroute(work)
    work.keep_text("reason", "address")


def _place_before(work: Work) -> dict[str, Any] | None:
    point = select(func.ST_X(Case.geom), func.ST_Y(Case.geom), Case.placement["cell"])
    lon, lat, cell = work.session.execute(point.where(Case.id == work.case.id)).one()
    return None if lon is None else {"lon": lon, "lat": lat, "cell": cell}


def _posts(work: Work, line: list[str]) -> list[tuple[str, int, str]]:
    """Who sits along the new line, as `LOOK` read it for the old one."""
    wanted = select(Post.role, Centre.id, Centre.code).join(Centre, Centre.id == Post.centre_id)
    rows = work.session.execute(wanted.where(Centre.code.in_(line)).distinct())
    return [(row.role.value, row.id, row.code) for row in rows]


DEEDS: dict[Verb, Deed] = {
    Verb.RECATEGORISE: Deed(_read_recategorise, _recategorise, follow_deadline, outcome=_find),
    Verb.RELOCATE: Deed(_read_relocate, _relocate, follow_deadline, outcome=_find),
}

"""What routing a report needs, held in the process, with what proves it current within the writing statement."""

import threading
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Connection, Engine

from cases.calendars import Calendars, calendars
from cases.categories import Categories, CategoryEntry, categories
from cases.intake.body import Checked
from cases.intake.opening import Ground, Routed, Spot
from cases.intake.statement import DUTIES, STAMP
from grid.levels import Level
from grid.routing import Route, Router, find_component
from people.roles import Seat


@dataclass(frozen=True)
class Known:
    """Categories, calendars, centres and duties in one state."""

    categories: Categories
    rules: Calendars
    router: Router
    stamp: tuple[Any, ...]
    _duties: dict[str, list[tuple[int, str]]]
    _turns: list[datetime]
    """When a duty begins or ends, or a department retires: between two of them routes stay as they are."""
    _routes: dict[tuple[int, str, str | None], Routed] = field(default_factory=dict)

    def is_stale(self, conn: Connection) -> bool:
        """Whether the database holds another state by now."""
        return _stamp(conn) != self.stamp

    def route(self, conn: Connection, spot: Spot, checked: Checked, seat: Seat | None, *, now: datetime) -> Routed:
        """Who answers for the report; an unlocated one waits at the centre that keyed it."""
        component_id, ground, category = checked.body.component_id, spot.ground, checked.category
        if component_id is not None or ground.where is None:
            component = find_component(conn, component_id) if component_id else None
            if ground.where is None:
                assert seat is not None
                return _routed(self._keyed_here(seat))
            return _routed(self.router.route_subject(ground.line, category, component, now=now))
        key = (bisect_right(self._turns, now), self._cell_that_tells(ground, category), checked.body.category_code)
        found = self._routes.get(key)
        if found is None:
            if len(self._routes) >= MOST_ROUTES:
                self._routes.clear()
            found = self._routes[key] = _routed(self.router.route_subject(ground.line, category, now=now))
        return found

    def _cell_that_tells(self, ground: Ground, category: CategoryEntry | None) -> str:
        """The street, where all its villages are routed alike: no duty of the village's own, no task of its level."""
        _, _, street, village = ground.codes
        if village is None or street is None:
            return ground.line[-1]
        own = village in self.router.duties or (category is not None and category.responsible_level is Level.VILLAGE)
        return village if own else street

    def _keyed_here(self, seat: Seat) -> Route:
        centre = self.router.centres[seat.centre_code]
        shown = {"code": centre.code, "name": centre.name, "level": centre.level.value}
        why = {
            "centre": {"rule": "keyed-here", "centre": shown},
            "department": {"rule": "centre-itself", "department": None},
        }
        return Route(centre.id, centre.code, centre.level, centre.calendar_id, None, why)

    def guard_values(self, ground: Ground, route: Route) -> dict[str, Any]:
        """What GUARD compares."""
        line = [] if ground.where is None else ground.line
        return {
            "centre_id": route.centre_id,
            "calendar_id": route.calendar_id,
            "edition_id": ground.edition_id,
            "rules": self.rules.stamp,
            "catalogues": list(self.categories.ids),
            "line": line,
            "duties": self._line_duties(line),
        }

    def _line_duties(self, line: Sequence[str]) -> str:
        found = [duty for code in line for duty in self._duties.get(code, ())]
        return ",".join(version for _, version in sorted(found)) if found else ""


def _routed(route: Route) -> Routed:
    return Routed(route, orjson.dumps(route.why).decode())


MOST_ROUTES = 50_000
_urls: WeakKeyDictionary[Engine, str] = WeakKeyDictionary()  # an URL is written anew each time that it is hashed
_kept: dict[str, Known] = {}
_keeping = threading.Lock()


def known(conn: Connection, *, now: datetime, fresh: bool = False) -> Known:
    """What the process knows, by no statement; with `fresh`, or the first time, what is true now."""
    url = _urls.get(conn.engine)
    if url is None:
        url = _urls[conn.engine] = conn.engine.url.render_as_string(hide_password=False)
    found = _kept.get(url)
    if found is not None and not fresh:
        return found
    with _keeping:
        found = _kept.get(url)
        while found is None or found.stamp != _stamp(conn):
            found = _read(conn, now)
        _kept[url] = found
    return found


def _stamp(conn: Connection) -> tuple[Any, ...]:
    return tuple(conn.execute(STAMP).one())


def _read(conn: Connection, now: datetime) -> Known:
    stamp = _stamp(conn)
    duties: dict[str, list[tuple[int, str]]] = {}
    for row in conn.execute(DUTIES):
        duties.setdefault(row.cell_code, []).append((row.id, row.version))
    router = Router(conn, now)
    moments = {
        moment for found in router.duties.values() for duty in found for moment in (duty.valid_from, duty.valid_to)
    }
    moments |= {department.retired_at for department in router.departments.values()}
    turns = sorted(moment for moment in moments if moment is not None)
    return Known(categories(conn), calendars(conn), router, stamp, duties, turns)

"""What routing a report needs, held in the process, with what proves it current within the writing statement."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import URL, Connection

from cases.calendars import Calendars, calendars
from cases.categories import Categories, categories
from cases.intake.body import Checked
from cases.intake.opening import Spot
from cases.intake.statement import DUTIES, STAMP
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

    def is_stale(self, conn: Connection) -> bool:
        """Whether the database holds another state by now."""
        return _stamp(conn) != self.stamp

    def route(self, conn: Connection, spot: Spot, checked: Checked, seat: Seat | None, *, now: datetime) -> Route:
        """Who answers for the report; an unlocated one waits at the centre that keyed it."""
        component_id = checked.body.component_id
        component = find_component(conn, component_id) if component_id else None
        if spot.where is None:
            assert seat is not None
            centre = self.router.centres[seat.centre_code]
            why = {
                "centre": {
                    "rule": "keyed-here",
                    "centre": {"code": centre.code, "name": centre.name, "level": centre.level.value},
                },
                "department": {"rule": "centre-itself", "department": None},
            }
            return Route(centre.id, centre.code, centre.level, centre.calendar_id, None, why)
        return self.router.route_subject(spot.line, checked.category, component, now=now)

    def guard_values(self, spot: Spot, route: Route) -> dict[str, Any]:
        """What GUARD compares."""
        line = [] if spot.where is None else spot.line
        return {
            "centre_id": route.centre_id,
            "calendar_id": route.calendar_id,
            "edition_id": spot.edition_id,
            "rules": self.rules.stamp,
            "catalogues": list(self.categories.ids),
            "line": line,
            "duties": self._line_duties(line),
        }

    def _line_duties(self, line: Sequence[str]) -> str:
        found = [duty for code in line for duty in self._duties.get(code, ())]
        return ",".join(version for _, version in sorted(found)) if found else ""


_kept: dict[URL, Known] = {}
_keeping = threading.Lock()


def known(conn: Connection, *, now: datetime, fresh: bool = False) -> Known:
    """What the process knows, by no statement; with `fresh`, or the first time, what is true now."""
    url = conn.engine.url
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
    return Known(categories(conn), calendars(conn), Router(conn, now), stamp, duties)

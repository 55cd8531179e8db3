"""Reports over HTTP: each with a uuid of its own, located, routed, and durable when answered."""

import json
import re
import uuid
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection

from bench.load import pgbench, wrk
from bench.place import Place, web_server
from bench.result import Result
from cases.intake import driver, take
from cases.intake.statement import GUARD
from core.db import Sessions
from people.accounts import find_person, load_actor

LUA = """
wrk.method = "PUT"
wrk.headers["Authorization"] = "Bearer {token}"
wrk.headers["Content-Type"] = "application/json"
local n = 0
function setup(thread) n = n + 1; thread:set("seed", n) end
function init(args) math.randomseed(seed * 7919 + {salt}) end
local function hex(k)
  local out = {{}}
  for i = 1, k do out[i] = string.format("%x", math.random(0, 15)) end
  return table.concat(out)
end
local function uuid() return hex(8) .. "-" .. hex(4) .. "-4" .. hex(3) .. "-a" .. hex(3) .. "-" .. hex(12) end
function request()
  local body = string.format('{{"category_code":"06010","description":"路边暴露垃圾","source":"inspector",' ..
    '"photos":["%s"],"point":{{"lon":%.6f,"lat":%.6f,"crs":"wgs84","accuracy_m":12}}}}', uuid(),
    121.30 + math.random() * 0.25, 31.05 + math.random() * 0.25)
  return wrk.format(nil, "/api/v1/reports/" .. uuid(), nil, body)
end
"""
TABLES = ("reports", "cases", "events", "clocks", "notices", "case_photos")


def run(place: Place) -> Result:
    """Must: ≥ 600 reports a second and ≥ 30 % of pgbench writing the same rows in one statement."""
    assert place.query("SHOW fsync") == [("on",)]
    assert place.query("SHOW synchronous_commit") == [("on",)]
    limit = pgbench(place, same_rows(place), seconds=8)
    place.query(f"TRUNCATE {', '.join(TABLES)} CASCADE")
    with web_server(place) as server:
        wrk(server, LUA.format(token=place.tokens["inspector"], salt=1), seconds=3)
        figure, notes = wrk(server, LUA.format(token=place.tokens["inspector"], salt=2), seconds=12)
    counts = {table: place.query(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}
    assert len(set(counts.values())) == 1, f"each report writes one row in each table: {counts}"
    ok = figure >= 600 and figure >= 0.3 * limit
    return Result("report", figure, "requests/s", limit, "≥ 600/s and ≥ 0.30 of the limit", ok, notes=notes | counts)


def same_rows(place: Place) -> str:
    """A pgbench script that writes what one report writes, at random points, without guard, planning and JSON."""
    statement, new = record(place)
    found = re.search(r"SELECT \* FROM jsonb_to_record\(%\(new\)s::jsonb\) AS new\((.*?)\) \),", statement)
    guard = " ".join(GUARD.split())
    assert found
    assert guard in statement
    columns = [column.split(" ", 1) for column in found[1].split(", ")]
    values = {name: literal(new[name], kind) for name, kind in columns}
    values |= {"report_id": "gen_random_uuid()", "photos": "ARRAY[gen_random_uuid()]"}
    values |= {"digits": "7", "modulus": "10000000"}
    values |= {"lon": "121.3 + random() * 0.25", "lat": "31.05 + random() * 0.25"}
    row = ", ".join(f"({values[name]})::{kind} AS {name}" for name, kind in columns)
    plain = statement.replace(found[0], f"SELECT {row} ),").replace(guard, "SELECT n.* FROM new AS n")
    return plain.replace("%%", "%") + ";\n"


def record(place: Place) -> tuple[str, dict[str, Any]]:
    """The writing statement of one real report, and the values that it was given."""
    seen: list[tuple[str, Any]] = []
    sessions, now = Sessions(place.settings), datetime.now(UTC)
    plain = driver.run

    def listening(connection: Connection, text: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
        seen.append((text, given))
        return plain(connection, text, given)

    body = {
        "category_code": "06010",
        "description": "路边暴露垃圾",
        "source": "inspector",
        "photos": [str(uuid.uuid4())],
        "point": {"lon": 121.4737, "lat": 31.2304, "crs": "wgs84", "accuracy_m": 12},
    }
    with sessions.begin() as session:
        inspector = load_actor(session, find_person(session, "inspector").id)
    with sessions.read.connect() as connection, patch.object(driver, "run", listening):
        take(connection, inspector, uuid.uuid4(), json.dumps(body).encode(), now=now, settings=place.settings)
    sessions.close()
    text, given = next((text, given) for text, given in seen if "INSERT INTO reports" in text)
    return text, json.loads(given["new"])


def literal(value: Any, kind: str) -> str:
    """An SQL literal of a JSON value."""
    if value is None:
        return "NULL"
    if isinstance(value, list) and kind != "jsonb":
        return "'{" + ",".join(str(item) for item in value) + "}'"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return "'" + text.replace("'", "''") + "'"

"""Reports over HTTP: each with a uuid of its own, located, routed, and durable when answered."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import psycopg

from bench.load import pgbench, wrk
from bench.place import Place, web_server
from bench.result import Result
from cases.intake import statement, taking
from cases.intake.body import as_sent
from cases.intake.known import known
from core.db import Sessions
from people.accounts import load_actor

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
    """A pgbench script that writes what one report writes, at random points, without the guard and the planning."""
    sessions, now = Sessions(place.settings), datetime.now(UTC)
    point = {"lon": 121.4737, "lat": 31.2304, "crs": "wgs84", "accuracy_m": 12}
    photo = str(uuid.uuid4())
    body = {
        "category_code": "06010",
        "description": "路边暴露垃圾",
        "source": "inspector",
        "photos": [photo],
        "point": point,
    }
    with sessions.begin() as session:
        inspector = place.query("SELECT id FROM people WHERE username = 'inspector'")[0][0]
        actor = load_actor(session, inspector)
    written: dict[str, Any] = {}
    with sessions.read.connect() as connection:
        report_id = uuid.uuid4()
        raw = as_sent(json.dumps(body).encode())
        rulebook = known(connection, now=now)
        values = taking._prepare(connection, actor, report_id, raw, rulebook, now=now, settings=place.settings)  # noqa: SLF001
        written = values | {"digits": 7, "modulus": 10**7}
    sessions.close()
    text = statement.WRITE.replace(statement.GUARD, "SELECT")
    text = text.replace(
        "ST_Point(%(lon)s::float8, %(lat)s::float8)", "ST_Point(121.3 + random()*.25, 31.05 + random()*.25)"
    )
    with psycopg.connect(place.plain_url) as plain, psycopg.ClientCursor(plain) as cursor:
        filled = cursor.mogrify(text, written)
    for name in (str(report_id), photo):
        filled = filled.replace(f"'{name}'", "gen_random_uuid()")
    return " ".join(filled.split()) + ";\n"

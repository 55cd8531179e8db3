"""Track points over HTTP as a city of inspectors sends them: batches of 15 by people on duty, judged by the fence."""

import os
from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from uuid import uuid4

from sqlalchemy import select

from bench.load import pgbench, wrk
from bench.place import Place, web_server
from bench.result import Result
from cases.models import Shift
from core.db import Sessions
from grid.models import Centre
from people.accounts import load_actor
from people.models import Person, Post
from people.roles import Role
from people.tokens import make_token

PHONES, EVERY_SECONDS, BATCH = 5400, 20, 15
MUST = PHONES // EVERY_SECONDS
WALKERS, WARMING = 600, 60
"""So many send by turns, each a whole shift at most; the first of them only while the server warms."""
HOURS = 16
STREET = "310101002000"
NO_PASSWORD = "!"  # noqa: S105 (that of nobody)

# A request is one person's next five minutes: 15 points 20 s apart. One in twenty walks off the street.
LUA = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local tokens = {{{tokens}}}
local first, at = {first}, {{}}
local threads = 0
function setup(thread) thread:set("seed", threads); threads = threads + 1 end
function init(args) math.randomseed(seed * 7919 + 1) end
function request()
  local who = 1 + 2 * math.random(0, #tokens / 2 - 1) + seed
  local lat = who % 20 == 0 and 31.30 or 31.2304
  at[who] = at[who] or first
  local points = {{}}
  for i = 1, {batch} do
    points[i] = string.format("[%.0f,%.6f,%.6f,8]", at[who],
      121.4737 + math.random() * 0.002, lat + math.random() * 0.002)
    at[who] = at[who] + {step}
  end
  wrk.headers["Authorization"] = "Bearer " .. tokens[who]
  return wrk.format(nil, "/api/v1/tracks", nil, '{{"points":[' .. table.concat(points, ",") .. "]}}")
end
"""

# The same rows, as many in a statement and as far apart, of people who are not there; nothing is checked or judged.
SQL = """
\\set who random(1, {walkers})
\\set ms random(0, {span})
INSERT INTO tracks SELECT 1000000 + :who, timestamptz '{first}' + (:ms + i * {step}) * interval '1 ms',
    121.4737, 31.2304, 8, timestamptz '{first}' FROM generate_series(1, {batch}) AS i ON CONFLICT DO NOTHING;
"""


def run(place: Place) -> Result:
    """Must: ≥ 270 points a second, kept and judged; the limit is pgbench that inserts the same rows."""
    now = datetime.now(UTC)
    first = now - timedelta(hours=HOURS)
    tokens = put_on_duty(place, first)
    step, span = EVERY_SECONDS * 1000, int((HOURS - 1) * 3_600_000)
    same_rows = SQL.format(walkers=WALKERS, span=span, first=first.isoformat(), step=step, batch=BATCH)
    limit = BATCH * pgbench(place, same_rows, seconds=8)
    place.query("TRUNCATE tracks")
    with patch.dict(os.environ, WANGGE_TRACK_ENABLED="true"), web_server(place) as server:
        wrk(server, script(tokens[:WARMING], first, step), seconds=3)
        before = place.query("SELECT count(*) FROM tracks")[0][0]
        seconds = 10
        requests, notes = wrk(server, script(tokens[WARMING:], first, step), seconds=seconds)
    kept = place.query("SELECT count(*) FROM tracks")[0][0] - before
    alarms = place.query("SELECT count(*), count(DISTINCT shift_id) FROM alarms")[0]
    assert alarms[0] == alarms[1] > 0, f"each of those outside is told of once: {alarms}"
    figure = kept / seconds
    notes |= {"requests/s": round(requests, 1), "kept": kept, "alarms": alarms[0], "batch": BATCH}
    return Result("tracks", figure, "points/s", limit, f"≥ {MUST}/s, kept and judged", figure >= MUST, notes=notes)


def script(tokens: list[str], first: datetime, step: int) -> str:
    listed = ",".join(f'"{token}"' for token in tokens)
    return LUA.format(tokens=listed, first=int(first.timestamp() * 1000) + 1000, batch=BATCH, step=step)


def put_on_duty(place: Place, first: datetime) -> list[str]:
    """Inspectors at one street, each with an open shift and a token."""
    sessions = Sessions(place.settings)
    with sessions.begin() as session:
        centre_id = session.scalars(select(Centre.id).where(Centre.code == STREET)).one()
        people = [
            Person(username=f"walker{number}", name="巡查员", password_hash=NO_PASSWORD, created_at=first)
            for number in range(WALKERS)
        ]
        session.add_all(people)
        session.flush()
        session.add_all(Post(person_id=one.id, role=Role.INSPECTOR, centre_id=centre_id) for one in people)
        session.add_all(
            Shift(id=uuid4(), person_id=one.id, centre_id=centre_id, started_at=first, started_received_at=first)
            for one in people
        )
        session.flush()
        actors = [load_actor(session, one.id) for one in people]
        tokens = [make_token(session, one, "bench", now=first, settings=place.settings).secret for one in actors]
    sessions.close()
    return tokens

"""Locate over HTTP: one point, one SQL statement, signed in by a bearer token."""

from bench.load import pgbench, wrk
from bench.place import Place, web_server
from bench.result import Result

# Points around the whole city; each request another one.
LUA = """
wrk.headers["Authorization"] = "Bearer {token}"
local n = 0
function setup(thread) n = n + 1; thread:set("seed", n) end
function init(args) math.randomseed(seed * 7919) end
function request()
  local lon = 121.30 + math.random() * 0.25
  local lat = 31.05 + math.random() * 0.25
  return wrk.format("GET", string.format("/api/v1/locate?lon=%.6f&lat=%.6f&crs=wgs84&accuracy_m=10", lon, lat))
end
"""

# The statement of grid/locating.py; plane metres by a linear stand-in for the projection, good to metres.
SQL = """
\\set a random(0, 500000)
\\set b random(0, 400000)
{statement};
"""


def run(place: Place) -> Result:
    """Must: ≥ 1,200 look-ups a second over 4 connections; the limit is the same statement by pgbench."""
    from grid.locating.one import BENCH_SQL  # noqa: PLC0415 (the statement itself, so that the limit cannot drift)

    limit = pgbench(place, SQL.format(statement=BENCH_SQL), seconds=6)
    with web_server(place) as server:
        script = LUA.format(token=place.tokens["dispatcher"])
        wrk(server, script, seconds=3)
        figure, notes = wrk(server, script, seconds=10)
    return Result("locate", figure, "requests/s", limit, "≥ 1,200/s", figure >= 1200, notes=notes)

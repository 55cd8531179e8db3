"""Runs the benchmarks one after the other, prints one table and writes bench/results.json."""

import argparse
import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import bench.bulk
import bench.escalation
import bench.field_bytes
import bench.locate
import bench.report
import bench.tracks
from bench.place import bench_place
from bench.result import Result

RESULTS = Path(__file__).with_name("results.json")
KNOWN: dict[str, Callable[..., Result]] = {
    "locate": bench.locate.run,
    "report": bench.report.run,
    "bulk_load": bench.bulk.run,
    "escalation": bench.escalation.run,
    "tracks": bench.tracks.run,
    "field_bytes": bench.field_bytes.run,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--only", default=",".join(KNOWN), help=f"names with commas between: {', '.join(KNOWN)}")
    names = [name.strip() for name in parser.parse_args().only.split(",") if name.strip()]
    if unknown := [name for name in names if name not in KNOWN]:
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(KNOWN)}")
    rows = []
    for name in names:
        print(f"  {name} …", file=sys.stderr, flush=True)
        with bench_place() as place:
            rows.append(KNOWN[name](place))
        print(f"  {name}: {rows[-1].notes}", file=sys.stderr, flush=True)
    print(table(rows))
    RESULTS.write_text(json.dumps([row.row() for row in rows], indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"written to {RESULTS.relative_to(Path.cwd())}; {platform.machine()}, Python {platform.python_version()}")
    return 0 if all(row.ok for row in rows) else 1


def table(rows: list[Result]) -> str:
    lines = [f"{'name':<12}{'figure':>12} {'unit':<12}{'limit':>12}{'ratio':>8}  {'must':<44} ok"]
    lines += [
        f"{row.name:<12}{row.figure:>12,.0f} {row.unit:<12}{row.limit:>12,.0f}{row.ratio:>8.2f}  {row.must:<44} "
        f"{'yes' if row.ok else 'NO'}"
        for row in rows
    ]
    return "\n".join(lines)


sys.exit(main())

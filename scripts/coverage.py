"""After `make coverage`: the modules that house.md §4 wants covered whole, branch by branch, and what they lack."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

WHOLE = [
    "grid/levels.py",
    "grid/coordinates.py",
    "people/roles.py",
    "cases/stages.py",
    "cases/workdays.py",
    "cases/patrol/spells.py",
    "cases/handling",
    "cases/permissions",
    "cases/clock",
    "cases/escalation",
]


def main() -> int:
    """Exit code 1 when one of them is not covered whole."""
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "coverage.json"
        command = [sys.executable, "-m", "coverage", "json", "-q", "--fail-under=0", "-o", str(report)]
        subprocess.run(command, check=True)
        files = json.loads(report.read_text())["files"]
    faults = 0
    for name in WHOLE:
        matching = {
            path: file for path, file in files.items() if path.removesuffix(".py").startswith(name.removesuffix(".py"))
        }
        if not matching:
            print(f"  {name}: not measured")
            faults += 1
        for path, file in matching.items():
            if file["missing_lines"] or file["missing_branches"]:
                print(f"  {path}: lines {file['missing_lines']}, branches {file['missing_branches']} not reached")
                faults += 1
    print(f"covered whole: {'all that must be' if not faults else f'{faults} lacking'}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

"""The rules of the house that no tool holds."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import CLIENT, FOLDERS, PACKAGES, ROOT, modules, name, parsed

pytestmark = pytest.mark.slow  # each reads or parses every module

LONGEST_MODULE = 400
LONGEST_FUNCTION = 40
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "services", "service", "manager", "base", "misc"}
CLOCK_EDGES = ("web/transaction.py", "cases/jobs.py", "commands.py")
SQL_CLOCK = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\(\)|\bcurrent_(timestamp|date)\b",
    re.IGNORECASE,
)


def test_the_packages_of_the_house_stand() -> None:
    assert [folder for folder in PACKAGES if not modules(folder)] == []


def test_no_module_passes_400_lines() -> None:
    paths = [path for path in modules(*FOLDERS) if "versions" not in path.parts]
    long = {name(path): lines for path in (*paths, *modules()) if (lines := line_count(path)) > LONGEST_MODULE}
    assert long == {}, "make it a package of the same name (house.md §2)"


def test_app_stays_under_100_lines() -> None:
    assert line_count(ROOT / "app.py") <= 100


def test_core_has_at_most_six_modules() -> None:
    assert len([path for path in modules("core") if path.name != "__init__.py"]) <= 6


def test_nine_functions_in_ten_stay_under_40_lines() -> None:
    lengths = [(length, f"{name(path)}:{function.name}") for path in modules() for function, length in functions(path)]
    long = sorted((entry for entry in lengths if entry[0] > LONGEST_FUNCTION), reverse=True)
    assert len(long) * 10 <= len(lengths), f"{len(long)} of {len(lengths)}: {long}"


def test_nobody_imports_app() -> None:
    guilty = [name(path) for path in modules(*PACKAGES, "scripts") if "app" in imported(path)]
    assert guilty == []


def test_every_module_that_serves_an_audience_is_kept_apart_from_the_others() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    kept_apart = next(set(contract["modules"]) for contract in contracts if contract["id"] == "audiences-apart")
    serving = {f"web.{path.stem}" for path in (ROOT / "web").glob("*.py") if has_blueprint(path)} | {"web.api"}
    assert serving == kept_apart, "name it in pyproject.toml's contract audiences-apart (house.md §3.5)"


def test_no_module_has_a_name_that_says_nothing() -> None:
    paths = [
        *modules(*FOLDERS),
        *modules(),
        *(path for path in CLIENT.rglob("*.ts*") if "node_modules" not in path.parts),
    ]
    named = {
        name(path) for path in paths if {part.split(".")[0] for part in path.relative_to(ROOT).parts} & FORBIDDEN_NAMES
    }
    assert named == set()


def test_only_the_edges_read_the_clock() -> None:
    guilty = [f"{name(path)}:{line}" for path in modules() if not at_an_edge(path) for line in clock_readings(path)]
    assert guilty == [], "`now` is a parameter (house.md §4)"


def test_the_database_never_reads_its_own_clock() -> None:
    guilty = [f"{name(path)}:{line}" for path in modules() for line in sql_clocks(path)]
    assert guilty == [], "`now` is a parameter (house.md §4): the database's clock is a second clock"


def test_every_module_says_what_it_is_for() -> None:
    silent = [name(path) for path in modules() if parsed(path).body and not ast.get_docstring(parsed(path))]
    assert silent == []


# --- how they look ----------------------------------------------------------------------------------------------------


def line_count(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def functions(path: Path) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    """Each function with its lines, decorators and docstring not counted."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            documented = ast.get_docstring(node) is not None
            docstring = node.body[0].end_lineno - node.body[0].lineno + 1 if documented else 0
            yield node, node.end_lineno - node.lineno + 1 - docstring


def imported(path: Path) -> set[str]:
    """The top names of what a module imports."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def has_blueprint(path: Path) -> bool:
    targets = [target for node in parsed(path).body if isinstance(node, ast.Assign) for target in node.targets]
    return any(isinstance(target, ast.Name) and target.id == "blueprint" for target in targets)


def at_an_edge(path: Path) -> bool:
    return name(path).endswith(CLOCK_EDGES)


def clock_readings(path: Path) -> Iterator[int]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            if (owner, node.attr) in {
                ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
                ("func", "now"), ("func", "current_timestamp"), ("func", "current_date"), ("func", "clock_timestamp"),
            }:  # fmt: skip
                yield node.lineno


def sql_clocks(path: Path) -> Iterator[int]:
    """Strings that hold SQL which asks the database for the time; docstrings may speak of it."""
    tree = parsed(path)
    owners = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    docstrings = {id(node.body[0].value) for node in owners if node.body and isinstance(node.body[0], ast.Expr)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        if is_text and SQL_CLOCK.search(node.value):
            yield node.lineno

"""What the tests of the house look at: the Python files of the product, parsed once."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("core", "grid", "people", "cases", "web")
FOLDERS = (*PACKAGES, "scripts", "bench", "migrations", "tests")
CLIENT = ROOT / "web" / "client"


@cache
def modules(*folders: str) -> tuple[Path, ...]:
    """The Python files below these folders; below the packages, and app.py, when none is named."""
    found = [ROOT / "app.py"] if not folders and (ROOT / "app.py").exists() else []
    for folder in folders or PACKAGES:
        found += [path for path in sorted((ROOT / folder).rglob("*.py")) if not path.is_relative_to(CLIENT)]
    return tuple(found)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def pages() -> list[Path]:
    """The sources of the pages: templates, TypeScript, styles."""
    kinds = {".html", ".ts", ".tsx", ".css", ".svg", ".webmanifest", ".jinja"}
    found = [*(ROOT / "web" / "templates").rglob("*"), *CLIENT.rglob("*")]
    return [path for path in found if path.suffix in kinds and "node_modules" not in path.parts]

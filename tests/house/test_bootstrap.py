"""What makes a checkout runnable leaves other checkouts alone."""

import shutil
import subprocess
from pathlib import Path

from tests.house.tree import ROOT

NPM = """#!/bin/sh
# as `npm --prefix web/client ci` does: what is there goes, also behind a link
mkdir -p "$2/node_modules" && rm -rf "$2/node_modules"/* && touch "$2/node_modules/.package-lock.json"
"""
ONLY_PAGES = '. scripts/steps.sh; eval "$(sed -n "/^node_packages()/,/^}/p" scripts/bootstrap)"; node_packages'


def install(checkout: Path) -> None:
    shutil.copytree(ROOT / "scripts", checkout / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    npm = checkout / ".venv/bin/npm"
    npm.parent.mkdir(parents=True)
    npm.write_text(NPM)
    npm.chmod(0o755)
    (checkout / "web/client/package-lock.json").write_text("{}")
    subprocess.run(["bash", "-c", ONLY_PAGES.replace("scripts/steps.sh", f"{checkout}/scripts/steps.sh")], check=True)


def test_packages_behind_a_link_are_another_checkouts_and_stay(tmp_path: Path) -> None:
    other, checkout = tmp_path / "other/node_modules", tmp_path / "checkout"
    (other / "preact").mkdir(parents=True)
    (checkout / "web/client").mkdir(parents=True)
    (checkout / "web/client/node_modules").symlink_to(other)
    install(checkout)
    assert (other / "preact").is_dir()
    assert not (checkout / "web/client/node_modules").is_symlink()
    assert (checkout / "web/client/node_modules/.package-lock.json").exists()

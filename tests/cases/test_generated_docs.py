"""docs/stages.md and docs/permissions.md are what the tables say."""

import pytest

from cases.handling.door import DEEDS
from cases.stages import Stage, Verb
from scripts.docs import DOCS, FIELDS, main, permissions_page, stages_page


def test_the_pages_are_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["docs", "--check"])
    assert main() == 0
    assert (DOCS / "stages.md").read_text("utf-8") == stages_page()
    assert (DOCS / "permissions.md").read_text("utf-8") == permissions_page()


def test_every_stage_and_verb_is_on_them() -> None:
    assert all(f"`{stage}`" in stages_page() for stage in Stage)
    assert all(f"| `{verb}` |" in permissions_page() for verb in Verb)
    assert set(FIELDS) == set(DEEDS)

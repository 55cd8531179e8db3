"""The categories: what the files hold arrives whole, a change makes a new version, a faulty file changes nothing."""

import shutil
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.categories import BadCatalogue, Flaw, categories, load_categories
from cases.components import component_codes
from cases.models import Catalogue, Category
from cases.workdays import Unit
from core.settings import ROOT
from grid.levels import Level

FILES = tuple(ROOT / "data" / name for name in ("categories.csv", "conditions.csv", "second-steps.csv"))
Files = tuple[Path, Path, Path]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    categories_file, conditions_file, second_steps_file = (Path(shutil.copy(file, tmp_path)) for file in FILES)
    return categories_file, conditions_file, second_steps_file


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_every_category_has_its_own_conditions_or_those_of_its_class(session: Session) -> None:
    found = categories(session)
    assert Counter(entry.catalogue for entry in found.by_code.values()) == {"gb2026": 250, "local": 7}
    assert all(entry.conditions for entry in found.by_code.values())
    cover = found.by_code["01001"]
    assert (cover.zh, cover.responsible_level, cover.class_code) == ("供水井盖", Level.STREET, "01")
    assert (cover.conditions[0].limit, cover.conditions[0].unit) == (2, Unit.URGENT_HOUR)
    assert cover.condition(cover.conditions[1].id) == cover.conditions[1]
    assert cover.condition(-1) is None
    assert found.get(None) is None
    assert found.get("01016") is None


def test_a_burst_main_is_made_safe_within_the_hour_and_then_repaired(session: Session) -> None:
    leak, collapse = categories(session).by_code["90501"].conditions
    assert (leak.limit, leak.unit, leak.then_limit, leak.then_unit) == (1, Unit.URGENT_HOUR, 5, Unit.WORK_DAY)
    assert leak.then_closing_en == "pipe and road repaired"
    assert (collapse.then_limit, collapse.then_unit, collapse.then_closing_zh) == (None, None, None)
    with_steps = {
        code
        for code, entry in categories(session).by_code.items()
        if any(condition.then_limit is not None for condition in entry.conditions)
    }
    assert with_steps == {"90501", "90502", "90503", "90504", "90505"}


def test_without_the_file_every_condition_has_one_step(session: Session, files: Files, now: datetime) -> None:
    loaded = {catalogue.name: catalogue for catalogue in load_categories(session, *files[:2], now=now)}
    assert (loaded["gb2026"].changed, loaded["local"].changed) == (False, True)
    assert categories(session).by_code["90501"].conditions[0].then_limit is None


def test_an_unchanged_file_loads_nothing_new(session: Session, now: datetime) -> None:
    before = categories(session)
    loaded = load_categories(session, *FILES, now=now)
    assert not any(catalogue.changed for catalogue in loaded)
    assert categories(session) is before


def test_a_changed_limit_makes_a_new_version_of_its_catalogue_only(
    session: Session, files: Files, now: datetime
) -> None:
    before = categories(session)
    change(files[1], "伤及行人车辆", "伤及行人或车辆")
    loaded = {catalogue.name: catalogue for catalogue in load_categories(session, *files, now=now + timedelta(days=1))}
    after = categories(session)
    assert loaded["gb2026"].changed
    assert not loaded["local"].changed
    assert after.version != before.version
    assert after.by_code["01001"].id != before.by_code["01001"].id
    assert after.by_code["90501"].id == before.by_code["90501"].id
    assert session.scalar(select(func.count()).select_from(Catalogue).where(Catalogue.retired_at.is_(None))) == 2
    kept = session.scalar(select(func.count()).select_from(Category).where(Category.id == before.by_code["01001"].id))
    assert kept == 1


FAULTY = [
    (0, "gb2026,component,01001", "gb2026,thing,01001", Flaw.BAD_KIND),
    (0, "gb2026,component,01001", "GB 2026,component,01001", Flaw.BAD_CATALOGUE),
    (0, "gb2026,component,01001", "gb2026,component,0101", Flaw.BAD_CODE),
    (0, "gb2026,component,01002", "gb2026,component,01001", Flaw.TWICE),
    (0, "供水井盖", "", Flaw.EMPTY),
    (0, "供水井盖", "盖" * 121, Flaw.TOO_LONG),
    (0, "water supply manhole cover,street", "water supply manhole cover,town", Flaw.BAD_LEVEL),
    (0, "responsible_level", "level", Flaw.NO_COLUMN),
    (1, ",2,urgent_hour,", ",0,urgent_hour,", Flaw.BAD_LIMIT),
    (1, ",2,urgent_hour,", ",2.5,urgent_hour,", Flaw.BAD_LIMIT),
    (1, ",2,urgent_hour,", ",2,hour,", Flaw.BAD_UNIT),
    (1, "repaired or replaced,2,2", "repaired or replaced,2,many", Flaw.BAD_PHOTOS),
    (1, "\n01,", "\n99,", Flaw.UNKNOWN_CODE),
    (1, "\n01,", "\n99,", Flaw.NO_CONDITION),
    (2, "\n90501,", "\n99999,", Flaw.UNKNOWN_CODE),
    (2, "\n90501,1", "\n90501,3", Flaw.NO_POSITION),
    (2, "\n90501,1", "\n90501,first", Flaw.NO_POSITION),
    (2, "\n90502,1", "\n90501,1", Flaw.STEP_TWICE),
    (2, ",5,work_day,", ",0,work_day,", Flaw.BAD_LIMIT),
    (2, ",5,work_day,", ",5,week,", Flaw.BAD_UNIT),
    (2, "管道和路面已修复", "", Flaw.EMPTY),
    (2, "then_limit", "limit", Flaw.NO_COLUMN),
]


@pytest.mark.parametrize(("file", "old", "new", "flaw"), FAULTY)
def test_a_faulty_line_is_named_and_nothing_is_changed(
    session: Session, files: Files, now: datetime, file: int, old: str, new: str, flaw: Flaw
) -> None:
    before = categories(session)
    change(files[file], old, new)
    with pytest.raises(BadCatalogue) as refused:
        load_categories(session, *files, now=now)
    assert flaw in {fault.flaw for fault in refused.value.faults}
    assert all(fault.line >= 1 and str(fault).startswith(fault.file) for fault in refused.value.faults)
    assert categories(session) is before


def test_all_faults_are_named_at_once(session: Session, files: Files, now: datetime) -> None:
    change(files[0], "gb2026,component,01001", "gb2026,thing,01001")
    change(files[1], ",2,urgent_hour,", ",0,hour,")
    with pytest.raises(BadCatalogue) as refused:
        load_categories(session, *files, now=now)
    assert [fault.flaw for fault in refused.value.faults] == [Flaw.BAD_KIND, Flaw.BAD_LIMIT, Flaw.BAD_UNIT]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b'catalogue,kind\n"'])
def test_what_is_no_csv_is_refused(session: Session, files: Files, now: datetime, content: bytes) -> None:
    files[0].write_bytes(content)
    with pytest.raises(BadCatalogue):
        load_categories(session, *files, now=now)


def test_a_code_of_another_current_catalogue_is_refused(session: Session, files: Files, now: datetime) -> None:
    header = files[0].read_text("utf-8").splitlines()[0]
    files[0].write_text(f"{header}\nown,event,06010,06,市容环境,city look,暴露垃圾,litter,street,\n", "utf-8")
    files[1].write_text(
        "\n".join(line for line in files[1].read_text("utf-8").splitlines() if line[:5] in {"code,", "06010"})
    )
    with pytest.raises(BadCatalogue) as refused:
        load_categories(session, *files[:2], now=now)
    assert [fault.flaw for fault in refused.value.faults] == [Flaw.TWICE]


def test_a_component_has_a_category_of_things(session: Session) -> None:
    found = component_codes(session)
    assert {"01001", "02009"} <= found
    assert "06010" not in found

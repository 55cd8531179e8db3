from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from core.settings import ROOT, BadSettings, Settings, load_settings


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    return path


def test_config_toml_says_every_setting_and_its_default() -> None:
    import tomllib

    said = tomllib.loads((ROOT / "config.toml").read_text("utf-8"))
    assert load_settings(ROOT / "config.toml", {}) == Settings()
    for section in fields(Settings):
        assert set(said[section.name]) == {key.name for key in fields(getattr(Settings(), section.name))}


def test_the_environment_lies_over_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "[web]\nport = 9000\n")
    environment = {
        "WANGGE_WEB_PORT": "9001",
        "WANGGE_DEMO_ENABLED": "yes",
        "WANGGE_INTAKE_NEAR_METRES": "20.5",
        "WANGGE_CALENDAR_SHIFTS": "09:00-12:00, 13:00-17:00",
        "WANGGE_DEMO_PASSWORD": "is the scripts' own",
        "HOME": "/",
    }
    settings = load_settings(path, environment)
    assert settings.web.port == 9001
    assert settings.demo.enabled is True
    assert settings.intake.near_metres == 20.5
    assert settings.calendar.shifts == ("09:00-12:00", "13:00-17:00")


def test_unknown_keys_and_wrong_types_stop_the_start_and_are_all_named(tmp_path: Path) -> None:
    path = written(tmp_path, 'web = 3\n[weather]\nx = 1\n[signin]\nlengths = 1\nidle_hours = "four"\n')
    with pytest.raises(BadSettings) as caught:
        load_settings(
            path, {"WANGGE_WEB_PROT": "1", "WANGGE_SIGNIN_TOKEN_DAYS": "many", "WANGGE_DEMO_ENABLED": "maybe"}
        )
    message = str(caught.value)
    for name in (
        "web: must be a table",
        "weather: no such setting",
        "signin.lengths: no such setting",
        "signin.idle_hours",
        "WANGGE_WEB_PROT: no such setting",
        "WANGGE_SIGNIN_TOKEN_DAYS",
        "WANGGE_DEMO_ENABLED",
    ):
        assert name in message


@pytest.mark.parametrize(
    ("value", "targets"),
    [
        ('["127.0.0.1"]', ("127.0.0.1",)),
        (' [ "10.1.2.0/24", "hooks.intern" ] ', ("10.1.2.0/24", "hooks.intern")),
        ("10.1.2.0/24, hooks.intern", ("10.1.2.0/24", "hooks.intern")),
        ("127.0.0.1", ("127.0.0.1",)),
        ("[]", ()),
        ("", ()),
    ],
)
def test_a_list_in_the_environment_is_written_as_in_the_file_or_with_commas(
    tmp_path: Path, value: str, targets: tuple[str, ...]
) -> None:
    settings = load_settings(tmp_path / "none.toml", {"WANGGE_DELIVERY_PRIVATE_TARGETS": value})
    assert settings.delivery.private_targets == targets


@pytest.mark.parametrize("value", ['["127.0.0.1"', "[1]", "['127.0.0.1']", '[["127.0.0.1"]]', "[::1]"])
def test_a_list_in_the_environment_that_cannot_be_read_stops_the_start(tmp_path: Path, value: str) -> None:
    with pytest.raises(BadSettings, match="WANGGE_DELIVERY_PRIVATE_TARGETS"):
        load_settings(tmp_path / "none.toml", {"WANGGE_DELIVERY_PRIVATE_TARGETS": value})


@pytest.mark.parametrize(
    "text", ["[web]\nport = true\n", "[intake]\nnear_metres = true\n", "[calendar]\nshifts = [1]\n"]
)
def test_a_value_of_another_type_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSettings):
        load_settings(written(tmp_path, text), {})


def test_without_a_file_the_defaults_stand_and_nobody_changes_them(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "none.toml", {})
    assert settings == Settings()
    assert settings.session_length.total_seconds() == 12 * 3600
    with pytest.raises(FrozenInstanceError):
        settings.web.port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("section", "key", "bad"),
    [
        ("field_app", "fix_seconds", "0"),
        ("field_app", "fix_metres", "-20.0"),
        ("field_app", "poor_metres", "nan"),
        ("field_app", "photo_side", "-1"),
        ("field_app", "photo_side", "9"),
        ("field_app", "kept_days", "0"),
        ("track", "every_seconds", "0"),
        ("track", "batch", "0"),
        ("track", "batch", "1000000"),
        ("track", "keep_days", "-5"),
        ("track", "keep_days", "999999999"),
        ("track", "late_days", "0"),
        ("fence", "metres", "-1.0"),
        ("fence", "metres", "inf"),
        ("fence", "minutes", "-1"),
        ("fence", "idle_minutes", "-1"),
    ],
)
def test_a_number_that_makes_no_sense_stops_the_start_with_what_would(
    tmp_path: Path, section: str, key: str, bad: str
) -> None:
    for path, environ in (
        (written(tmp_path, f"[{section}]\n{key} = {bad}\n"), {}),
        (tmp_path / "none.toml", {f"WANGGE_{section}_{key}".upper(): bad}),
    ):
        with pytest.raises(BadSettings, match=rf"{section}\.{key}: must be from \d+ to \d+.*, is {bad}"):
            load_settings(path, environ)


def test_all_numbers_that_make_no_sense_are_named_at_once_and_zero_is_one_where_it_means_never(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as caught:
        load_settings(
            written(tmp_path, "[track]\nbatch = 0\nkeep_days = -5\n[field_app]\nfix_metres = 60.0\n[web]\nx = 1\n"), {}
        )
    for name in ("track.batch", "track.keep_days", "field_app.poor_metres: less than fix_metres", "web.x"):
        assert name in str(caught.value)
    never = "[fence]\nmetres = 0.0\nminutes = 0\nidle_minutes = 0\n[field_app]\nphoto_side = 0\n"
    assert load_settings(written(tmp_path, never), {}).field_app.photo_side == 0

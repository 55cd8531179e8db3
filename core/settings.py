"""Settings: `config.toml` with `WANGGE_*` laid over it, frozen; an unknown key stops the start."""

import json
import os
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class BadSettings(Exception):
    """config.toml or the environment says something that the program does not know."""


@dataclass(frozen=True)
class Database:
    url: str = ""
    role: str = "wangge_app"
    pool_size: int = 8
    lock_timeout_seconds: int = 5
    statement_timeout_seconds: int = 30


@dataclass(frozen=True)
class Web:
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    blocking_threads: int = 64
    busy_threads: int = 4
    trusted_proxies: int = 0
    secure_cookies: bool = False


@dataclass(frozen=True)
class Signin:
    session_hours: int = 12
    idle_hours: int = 4
    token_days: int = 90
    token_cache_seconds: int = 2
    failures_per_account: int = 5
    failures_per_address: int = 30
    window_minutes: int = 15


@dataclass(frozen=True)
class Storage:
    photos: str = "var/photos"
    photo_bytes: int = 20 * 1024 * 1024
    min_free_mb: int = 200


@dataclass(frozen=True)
class Intake:
    future_minutes: int = 10
    near_metres: float = 50.0
    description_characters: int = 2000
    photos_per_report: int = 20
    batch_lines: int = 20_000


@dataclass(frozen=True)
class Calendar:
    zone: str = "Asia/Shanghai"
    shifts: tuple[str, ...] = ("08:00-12:00", "14:00-18:00")
    first_year: int = 2018
    last_year: int = 2027
    warn_from: str = "12-01"


@dataclass(frozen=True)
class StageLimits:
    """Minutes; duty time (the centre's calendar) unless the case is urgent."""

    accept: int = 15
    verify: int = 30
    file: int = 15
    dispatch: int = 15
    sign: int = 30
    sign_urgent: int = 10
    send_check: int = 15
    check: int = 60
    close: int = 30


@dataclass(frozen=True)
class Escalation:
    tick_seconds: float = 5.0
    batch: int = 500
    heartbeat_seconds: float = 10.0
    reply_minutes_least: int = 120


@dataclass(frozen=True)
class Approvals:
    """Who approves, one after the other; a step whose post nobody holds is left out, but never the last."""

    extension: tuple[str, ...] = ("department_leader", "dispatcher")
    suspension: tuple[str, ...] = ("dispatcher", "leader")
    appeal: tuple[str, ...] = ("dispatcher", "acceptor")


@dataclass(frozen=True)
class Handling:
    extensions_most: int = 2
    suspension_days_most: int = 365
    refuse_minutes: int = 480
    refuse_short_minutes: int = 360
    refusals_most: int = 2


@dataclass(frozen=True)
class Claims:
    minutes: int = 3


@dataclass(frozen=True)
class Mail:
    host: str = ""
    port: int = 25
    starttls: bool = False
    username: str = ""
    password: str = ""
    sender: str = "wangge@localhost"
    link: str = ""


@dataclass(frozen=True)
class Delivery:
    tick_seconds: float = 2.0
    timeout_seconds: float = 10.0
    attempts_most: int = 8
    retry_seconds: float = 30.0
    digest_from: int = 5
    digest_minutes: int = 15
    private_targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stream:
    tick_seconds: float = 0.7
    most: int = 60


@dataclass(frozen=True)
class Field:
    """What the inspector's app is told."""

    fix_seconds: int = 20
    fix_metres: float = 20.0
    poor_metres: float = 50.0
    photo_side: int = 2048
    phrases: str = "data/phrases.csv"
    kept_days: int = 7


@dataclass(frozen=True)
class Track:
    """The way an inspector goes while on duty."""

    enabled: bool = False
    every_seconds: int = 20
    batch: int = 500
    keep_days: int = 90
    late_days: int = 7


@dataclass(frozen=True)
class Fence:
    """The alarm outside the duty area."""

    enabled: bool = True
    metres: float = 100.0
    minutes: int = 5
    idle_minutes: int = 0


@dataclass(frozen=True)
class Push:
    """Web Push (RFC 8030) with a VAPID key (RFC 8292)."""

    private_key: str = ""
    subject: str = ""
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Basemap:
    """Tiles under the map; without a url there are none."""

    url: str = ""
    kind: str = "xyz"
    layer: str = ""
    matrix_set: str = "w"
    crs: str = "wgs84"
    key: str = ""
    attribution: str = ""
    most_zoom: int = 18


@dataclass(frozen=True)
class Demo:
    enabled: bool = False


@dataclass(frozen=True)
class Logs:
    level: str = "INFO"


@dataclass(frozen=True)
class Settings:
    database: Database = field(default_factory=Database)
    web: Web = field(default_factory=Web)
    signin: Signin = field(default_factory=Signin)
    storage: Storage = field(default_factory=Storage)
    intake: Intake = field(default_factory=Intake)
    calendar: Calendar = field(default_factory=Calendar)
    stage_limits: StageLimits = field(default_factory=StageLimits)
    escalation: Escalation = field(default_factory=Escalation)
    approvals: Approvals = field(default_factory=Approvals)
    handling: Handling = field(default_factory=Handling)
    claims: Claims = field(default_factory=Claims)
    mail: Mail = field(default_factory=Mail)
    delivery: Delivery = field(default_factory=Delivery)
    stream: Stream = field(default_factory=Stream)
    field_app: Field = field(default_factory=Field)
    track: Track = field(default_factory=Track)
    fence: Fence = field(default_factory=Fence)
    push: Push = field(default_factory=Push)
    basemap: Basemap = field(default_factory=Basemap)
    demo: Demo = field(default_factory=Demo)
    logs: Logs = field(default_factory=Logs)

    @property
    def session_length(self) -> timedelta:
        return timedelta(hours=self.signin.session_hours)


RANGES: dict[str, tuple[int, int]] = {
    "field_app.fix_seconds": (1, 600),
    "field_app.fix_metres": (1, 10_000),
    "field_app.poor_metres": (1, 10_000),
    "field_app.photo_side": (320, 20_000),
    "field_app.kept_days": (1, 3650),
    "track.every_seconds": (1, 3600),
    "track.batch": (1, 5000),
    "track.keep_days": (1, 36_500),
    "track.late_days": (1, 3650),
    "fence.metres": (0, 100_000),
    "fence.minutes": (0, 1440),
    "fence.idle_minutes": (0, 1440),
}
"""What phones are told and days are reckoned by: from, to."""
OR_NONE = {"field_app.photo_side"}
"""Where 0 says: not at all."""

# Names in the environment that belong to the scripts, not to the settings.
FOREIGN = {"WANGGE_DEMO_PASSWORD", "WANGGE_CONFIG"}


def load_settings(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read `config.toml`, lay `WANGGE_SECTION_KEY` over it and freeze the result.

    Raises BadSettings naming every key that is unknown or of the wrong type.
    """
    environ = os.environ if environ is None else environ
    path = path or Path(environ.get("WANGGE_CONFIG", ROOT / "config.toml"))
    data: dict[str, Any] = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    faults = _lay_environment(data, environ)
    settings = _build(Settings, data, "", faults)
    assert isinstance(settings, Settings)
    faults += _out_of_range(settings)
    if faults:
        raise BadSettings("; ".join(faults))
    return settings


def _out_of_range(settings: Settings) -> list[str]:
    faults = []
    for name, (least, most) in RANGES.items():
        section, key = name.split(".")
        value = getattr(getattr(settings, section), key)
        if not (least <= value <= most or (value == 0 and name in OR_NONE)):
            faults.append(f"{name}: must be from {least} to {most}{', or 0' if name in OR_NONE else ''}, is {value}")
    if settings.field_app.poor_metres < settings.field_app.fix_metres:
        faults.append("field_app.poor_metres: less than fix_metres, so that a good position were a poor one")
    return faults


def _lay_environment(data: dict[str, Any], environ: Mapping[str, str]) -> list[str]:
    known = {
        f"WANGGE_{section.name}_{key.name}".upper(): (section.name, key.name, key.type)
        for section in fields(Settings)
        for key in fields(typing.get_type_hints(Settings)[section.name])
    }
    faults = []
    for name, value in sorted(environ.items()):
        if not name.startswith("WANGGE_") or name in FOREIGN:
            continue
        if name not in known:
            faults.append(f"{name}: no such setting")
            continue
        section, key, kind = known[name]
        try:
            data.setdefault(section, {})[key] = _from_text(value, kind)
        except ValueError:
            faults.append(f"{name}: {value!r} is no {getattr(kind, '__name__', kind)}")
    return faults


def _from_text(value: str, kind: Any) -> Any:
    if kind is bool:
        if value.lower() not in {"1", "0", "true", "false", "yes", "no"}:
            raise ValueError(value)
        return value.lower() in {"1", "true", "yes"}
    if kind in {int, float, str}:
        return kind(value)
    if value.lstrip().startswith("["):
        return _from_json(value)
    return [part.strip() for part in value.split(",") if part.strip()]


def _from_json(value: str) -> list[str]:
    """A list as config.toml writes it, which JSON does, too."""
    found = json.loads(value)  # its error is a ValueError
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise ValueError(value)
    return [item.strip() for item in found if item.strip()]


def _build(kind: Any, data: dict[str, Any], where: str, faults: list[str]) -> Any:
    hints = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in data.items():
        place = f"{where}{key}"
        if key not in hints:
            faults.append(f"{place}: no such setting")
        elif is_dataclass(hints[key]):
            if isinstance(value, dict):
                values[key] = _build(hints[key], value, f"{place}.", faults)
            else:
                faults.append(f"{place}: must be a table")
        elif _fits(value, hints[key]):
            values[key] = tuple(value) if isinstance(value, list) else value
        else:
            faults.append(f"{place}: {value!r} is no {hints[key]}")
    return kind(**values)


def _fits(value: Any, kind: Any) -> bool:
    if isinstance(kind, types.GenericAlias) or typing.get_origin(kind) is tuple:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)

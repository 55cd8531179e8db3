"""Photos: check that it is one, keep its bytes under their SHA-256, read place and time, hand out a copy without EXIF.

The original never leaves the house: what is handed out is made anew from the picture alone.

A photo belongs to who sent it, and its uuid to who named it first in a report or verb. A case shows a photo only if
the same person named it there and sent it, so naming somebody else's photo opens nothing. Bytes that a stranger sent
under a uuid give way to those of the person who named it, so that nobody can take another's place by being faster.
Photos that nobody sent (the demo's) show wherever they are named.
"""

import errno
import hashlib
import io
import math
import os
import shutil
import struct
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO
from uuid import UUID

import pillow_heif
from PIL import ExifTags, Image, ImageOps
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from cases.errors import NoRoom, PhotoDiffers, PhotoNotYours, PhotoTooLarge
from cases.models import Case, CasePhoto, Photo, RollCall, RollCallAnswer
from cases.workdays import SHANGHAI
from core.errors import Invalid, NotFound
from core.settings import ROOT, Storage
from grid.models import Centre
from people.roles import Actor

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # `_check_size` is stricter, and looks before anything is decoded

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "HEIF": "image/heic"}
# A JPEG is decoded at a fraction of its size, the others must be decoded whole.
MOST_PIXELS = {"JPEG": 120_000_000, "PNG": 32_000_000, "WEBP": 32_000_000, "HEIF": 50_500_000}
CLEAN_SIDE, SMALL_SIDE = 2048, 640
CHUNK = 1 << 16
# What Pillow's decoders raise on broken bytes.
BROKEN = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, struct.error, zlib.error)


@dataclass(frozen=True)
class Kept:
    """A photo that is kept; `created` is False when the same bytes were there before."""

    created: bool
    photo_id: UUID
    sha256: str
    media_type: str
    bytes: int


@dataclass(frozen=True)
class Copy:
    """What is handed out: an image without EXIF; `final` once it no longer changes."""

    data: bytes
    media_type: str
    etag: str
    final: bool


# --- taking in --------------------------------------------------------------------------------------------------------


def keep_photo(
    session: Session, actor: Actor, photo_id: UUID, body: IO[bytes], *, now: datetime, storage: Storage
) -> Kept:
    """Keep the bytes of a photo, flushed to disk before the row is written.

    Who named the uuid first takes the place of a stranger's bytes; those stay on the disk, and no row leads to them.
    Raises PhotoTooLarge, Invalid (no image that we read, or too many pixels), PhotoDiffers, PhotoNotYours, NoRoom.
    """
    with _received(body, storage) as (file, sha256, size):
        namer = _namer(session, photo_id)
        if actor.person_id is not None and namer not in {None, actor.person_id}:
            raise PhotoNotYours(photo_id=str(photo_id))
        known = session.get(Photo, photo_id)
        if known is not None and not _gives_way(known, actor, namer):
            return _again(known, sha256)
        media_type = check_image(file)
        _move_in(file, sha256, storage)
    values = {"sha256": sha256, "media_type": media_type, "bytes": size}
    values |= {"person_id": actor.person_id, "received_at": now}
    made = session.execute(
        insert(Photo)
        .values(id=photo_id, **values)
        .on_conflict_do_nothing(index_elements=[Photo.id])
        .returning(Photo.id)
    ).first()
    if made is None:  # a stranger's, or somebody sent it in the same moment
        locked = select(Photo).where(Photo.id == photo_id).with_for_update()
        known = session.scalars(locked.execution_options(populate_existing=True)).one()
        if not _gives_way(known, actor, namer):
            return _again(known, sha256)
        for name, value in (values | {"exif": None, "clean_sha256": None, "processed_at": None}).items():
            setattr(known, name, value)
        session.flush()
    return Kept(True, photo_id, sha256, media_type, size)


def _namer(session: Session, photo_id: UUID) -> int | None:
    """Who was the first to name the photo in a report or verb."""
    named = select(CasePhoto.person_id).where(CasePhoto.photo_id == photo_id, CasePhoto.person_id.is_not(None))
    first = session.scalars(named.order_by(CasePhoto.at, CasePhoto.case_id).limit(1)).first()
    if first is not None:
        return first
    answers = select(RollCallAnswer.person_id).where(RollCallAnswer.photo_id == photo_id)
    return session.scalars(answers.order_by(RollCallAnswer.received_at).limit(1)).first()


def _gives_way(known: Photo, actor: Actor, namer: int | None) -> bool:
    """Whether the kept bytes are a stranger's, and the sender is the one who named the photo."""
    return namer is not None and namer == actor.person_id and known.person_id not in {None, namer}


def _again(known: Photo, sha256: str) -> Kept:
    if known.sha256 != sha256:
        raise PhotoDiffers(photo_id=str(known.id))
    return Kept(False, known.id, known.sha256, known.media_type, known.bytes)


def check_image(file: Path) -> str:
    """The media type, from the file's head; raises Invalid unless it is a JPEG, PNG, WebP or HEIC of sane size."""
    try:
        with Image.open(file, formats=list(FORMATS)) as image:
            kind = image.format or ""
            width, height = image.size
            image.verify()
    except BROKEN:
        raise Invalid.one("body", "not_an_image") from None
    if not 0 < width * height <= MOST_PIXELS[kind]:
        raise Invalid.one("body", "too_many_pixels", most=MOST_PIXELS[kind] // 1_000_000)
    return FORMATS[kind]


def directory(storage: Storage) -> Path:
    """Where the photos lie; a relative path starts at the project."""
    return ROOT / storage.photos


def place_of(sha256: str, storage: Storage) -> Path:
    """The file of that content."""
    return directory(storage) / sha256[:2] / sha256[2:4] / sha256


@contextmanager
def _received(body: IO[bytes], storage: Storage) -> Iterator[tuple[Path, str, int]]:
    """The body as a file that is removed at the end unless it was moved, its SHA-256 and its length."""
    with on_disk():
        incoming = directory(storage) / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(incoming).free < storage.min_free_mb * 1024 * 1024:
            raise NoRoom
        handle, name = tempfile.mkstemp(dir=incoming)
    file = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            sha256, size = _copy(body, out, storage.photo_bytes)
        yield file, sha256, size
    finally:
        file.unlink(missing_ok=True)


def _copy(body: IO[bytes], out: BinaryIO, most: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := body.read(CHUNK):
        size += len(chunk)
        if size > most:
            raise PhotoTooLarge(most=most)
        digest.update(chunk)
        with on_disk():
            out.write(chunk)
    with on_disk():
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest(), size


def _move_in(file: Path, sha256: str, storage: Storage) -> None:
    place = place_of(sha256, storage)
    with on_disk():
        place.parent.mkdir(parents=True, exist_ok=True)
        file.replace(place)
        for folder in (place.parent, place.parent.parent, directory(storage)):
            _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def on_disk() -> Iterator[None]:
    """Let a full disk be NoRoom."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise NoRoom from error
        raise


# --- the worker's part ------------------------------------------------------------------------------------------------


def process_photos(session: Session, *, now: datetime, batch: int, storage: Storage) -> int:
    """Read place and time of up to `batch` new photos and make the copies that are handed out; answers how many.

    A photo that cannot be read after all is marked so, and not tried again.
    """
    waiting = select(Photo).where(Photo.processed_at.is_(None)).order_by(Photo.received_at).limit(batch)
    photos = session.scalars(waiting.with_for_update(skip_locked=True)).all()
    for photo in photos:
        file = place_of(photo.sha256, storage)
        photo.processed_at = now
        try:
            photo.exif = read_exif(file)
            clean = re_encode(file, CLEAN_SIDE)
        except BROKEN as error:
            photo.exif = {"fault": type(error).__name__}
            continue
        with _received(io.BytesIO(clean), storage) as (made, sha256, _):
            _move_in(made, sha256, storage)
        photo.clean_sha256 = sha256
    return len(photos)


def re_encode(file: Path, side: int) -> bytes:
    """A JPEG of the picture alone, upright, no side longer than `side` pixels; no EXIF, no XMP, no comment."""
    with Image.open(file, formats=list(FORMATS)) as image:
        image.draft("RGB", (side, side))
        profile = image.info.get("icc_profile")
        image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        upright = ImageOps.exif_transpose(image)
        if upright.has_transparency_data:
            upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright.convert("RGBA"))
        plain = upright.convert("RGB")
    plain.info.clear()
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=85, optimize=True, icc_profile=profile)
    return out.getvalue()


def read_exif(file: Path) -> dict[str, Any]:
    """What EXIF says of place (WGS-84 degrees) and time: {"lon", "lat", "taken_at"}, as far as it is there and sane."""
    with Image.open(file, formats=list(FORMATS)) as image:
        exif = image.getexif()
        place = _exif_place(exif.get_ifd(ExifTags.IFD.GPSInfo))
        taken = _exif_time(dict(exif) | exif.get_ifd(ExifTags.IFD.Exif))
    return place | ({"taken_at": taken.isoformat()} if taken else {})


def _exif_place(gps: dict[int, Any]) -> dict[str, float]:
    try:
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude]) * (-1 if gps[ExifTags.GPS.GPSLatitudeRef] == "S" else 1)
        lon = _degrees(gps[ExifTags.GPS.GPSLongitude]) * (-1 if gps[ExifTags.GPS.GPSLongitudeRef] == "W" else 1)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return {}
    sane = math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90
    return {"lon": round(lon, 7), "lat": round(lat, 7)} if sane else {}


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600


def _exif_time(tags: dict[int, Any]) -> datetime | None:
    said = tags.get(ExifTags.Base.DateTimeOriginal) or tags.get(ExifTags.Base.DateTime)
    offset = tags.get(ExifTags.Base.OffsetTimeOriginal) or ""
    try:
        taken = datetime.strptime(f"{said} {offset}".strip(), "%Y:%m:%d %H:%M:%S %z" if offset else "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007  EXIF seldom names a zone: Shanghai then
    except (TypeError, ValueError):
        return None
    return (taken if taken.tzinfo else taken.replace(tzinfo=SHANGHAI)).astimezone(UTC)


# --- handing out ------------------------------------------------------------------------------------------------------


def hand_out(session: Session, actor: Actor, photo_id: UUID, *, storage: Storage) -> Copy:
    """A copy for whoever sent the photo or sees a case on which its sender named it; small until the worker was there.

    Raises NotFound for everybody else.
    """
    photo = session.get(Photo, photo_id)
    if photo is None or not _may_see(session, actor, photo):
        raise NotFound(photo_id=str(photo_id))
    try:
        if photo.clean_sha256:
            data = place_of(photo.clean_sha256, storage).read_bytes()
            return Copy(data, "image/jpeg", photo.clean_sha256, final=True)
        return Copy(
            re_encode(place_of(photo.sha256, storage), SMALL_SIDE), "image/jpeg", f"{photo.sha256}-s", final=False
        )
    except BROKEN:
        raise NotFound(photo_id=str(photo_id)) from None


def _may_see(session: Session, actor: Actor, photo: Photo) -> bool:
    if actor.person_id is not None and photo.person_id == actor.person_id:
        return True
    codes = {seat.centre_code for seat in actor.seats}
    first = aliased(Case)  # of a duplicate, which shows its photos
    lines = [
        column for of in (Case, first) for column in (of.city_code, of.district_code, of.street_code, of.village_code)
    ]
    named = (
        select(Case.id)
        .join(CasePhoto, CasePhoto.case_id == Case.id)
        .join(Photo, shows())
        .outerjoin(first, first.id == Case.merged_into_id)
        .where(CasePhoto.photo_id == photo.id, or_(*(code.in_(codes) for code in lines)))
    )
    return session.execute(named.limit(1)).first() is not None or _answers_a_call(session, actor, photo)


def _answers_a_call(session: Session, actor: Actor, photo: Photo) -> bool:
    """Whether its sender named it in an answer to a roll call whose patrol the reader leads."""
    lines = (
        select(Centre.line)
        .join(RollCall, RollCall.centre_id == Centre.id)
        .join(RollCallAnswer, RollCallAnswer.roll_call_id == RollCall.id)
        .where(RollCallAnswer.photo_id == photo.id, RollCallAnswer.person_id == photo.person_id)
    )
    return any(actor.leads(line) for line in session.scalars(lines))


def shows() -> ColumnElement[bool]:
    """Whether the photo that came is the one that the case names: one person sent and named it (or nobody sent it)."""
    same = or_(Photo.person_id == CasePhoto.person_id, Photo.person_id.is_(None))
    return and_(Photo.id == CasePhoto.photo_id, same)

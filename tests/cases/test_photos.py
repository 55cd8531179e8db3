"""Photos: what is taken, how it is kept, and that nothing but the picture is handed out."""

import errno
import io
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational
from sqlalchemy import func, select

from cases import photos as photos_module
from cases.detail import show_case
from cases.errors import NoRoom, PhotoDiffers, PhotoNotYours, PhotoTooLarge
from cases.models import Case, CasePhoto, Photo, PhotoKind
from cases.photos import Kept, directory, hand_out, keep_photo, place_of, process_photos
from core.db import Sessions
from core.errors import Invalid, NotFound
from core.settings import Settings
from people.roles import Actor
from tests.make import Town

FORMS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "HEIF": "image/heic"}


def picture(form: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **words: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 120 if mode in {"L", "1"} else (90, 120, 90, 128)[: len(mode)]).save(out, form, **words)
    return out.getvalue()


def with_exif(form: str = "JPEG", *, orientation: int = 6, ref: str = "E", lat: Any = (31.0, 13.0, 49.44)) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "SecretPhone"
    exif[ExifTags.IFD.Exif] = {
        ExifTags.Base.DateTimeOriginal: "2026:03:10 09:12:00",
        ExifTags.Base.OffsetTimeOriginal: "+08:00",
    }
    exif[ExifTags.IFD.GPSInfo] = {
        ExifTags.GPS.GPSLatitudeRef: "N",
        ExifTags.GPS.GPSLatitude: lat,
        ExifTags.GPS.GPSLongitudeRef: ref,
        ExifTags.GPS.GPSLongitude: (121.0, 28.0, 25.32),
    }
    return picture(form, (64, 48), exif=exif)


def keep(town: Town, data: bytes, *, by: str = "inspector", photo_id: UUID | None = None, **storage: Any) -> Kept:
    kept_in = replace(town.settings.storage, **storage)
    body = io.BytesIO(data)
    return keep_photo(town.session, town[by], photo_id or uuid4(), body, now=town.now, storage=kept_in)


def name(town: Town, photo_id: UUID, *, by: str, case: Case | None = None) -> Case:
    """Hang the photo on a case (on a new one, if none is given) in somebody's name."""
    case = case or town.case()
    person_id = town[by].person_id
    town.session.add(
        CasePhoto(case_id=case.id, photo_id=photo_id, kind=PhotoKind.REPORT, person_id=person_id, at=town.now)
    )
    town.session.flush()
    return case


def photo_of(town: Town, by: str, photo_id: UUID) -> bytes | None:
    try:
        return hand_out(town.session, town[by], photo_id, storage=town.settings.storage).data
    except NotFound:
        return None


def arrived(town: Town, case: Case, photo_id: UUID) -> bool:
    """What the case's page says of the photo."""
    shown = show_case(town.session, town["acceptor"], case.no, now=town.now, settings=town.settings)
    found: bool = next(photo["arrived"] for photo in shown["photos"] if photo["id"] == photo_id)
    return found


def files(town: Town) -> list[Path]:
    return [path for path in directory(town.settings.storage).rglob("*") if path.is_file()]


@pytest.mark.parametrize("form", list(FORMS))
def test_each_form_is_kept_byte_by_byte(town: Town, form: str) -> None:
    data = picture(form)
    kept = keep(town, data)
    assert (kept.created, kept.media_type, kept.bytes) == (True, FORMS[form], len(data))
    assert place_of(kept.sha256, town.settings.storage).read_bytes() == data
    photo = town.session.get_one(Photo, kept.photo_id)
    assert (photo.person_id, photo.received_at, photo.processed_at) == (town["inspector"].person_id, town.now, None)


def test_the_same_bytes_again_are_the_same_photo_and_others_are_refused(town: Town) -> None:
    photo_id = uuid4()
    keep(town, picture(), photo_id=photo_id)
    again = keep(town, picture(), photo_id=photo_id)
    assert not again.created
    with pytest.raises(PhotoDiffers):
        keep(town, picture("PNG"), photo_id=photo_id)
    assert len(files(town)) == 1


NO_IMAGES = [
    b"",
    b"%PDF-1.7",
    b"\xff\xd8\xff\xe0",
    picture()[:20],
    b"GIF89a" + b"\0" * 30,
    picture("BMP"),
    picture("PNG")[:40],
]


@pytest.mark.parametrize("data", NO_IMAGES)
def test_what_is_no_photo_is_refused_and_leaves_nothing(town: Town, data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        keep(town, data)
    assert refused.value.errors[0].code == "not_an_image"
    assert files(town) == []


def test_a_picture_that_would_burst_the_memory_is_refused_by_its_head(town: Town) -> None:
    bomb = picture("PNG", (9000, 9000), "1")
    assert len(bomb) < 100_000
    with pytest.raises(Invalid) as refused:
        keep(town, bomb)
    assert refused.value.errors[0].code == "too_many_pixels"


def test_a_photo_that_is_too_large_is_refused_while_it_comes(town: Town) -> None:
    with pytest.raises(PhotoTooLarge) as refused:
        keep(town, picture() + b"\0" * 5000, photo_bytes=4000)
    assert refused.value.data["most"] == 4000
    assert files(town) == []


def test_a_nearly_full_disk_takes_no_more(town: Town) -> None:
    with pytest.raises(NoRoom):
        keep(town, picture(), min_free_mb=10**9)
    assert files(town) == []


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_fills_up_meanwhile_leaves_nothing(town: Town, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(*((photos_module.os, "fsync") if step == "fsync" else (Path, "replace")), full)
    with pytest.raises(NoRoom):
        keep(town, picture())
    assert files(town) == []
    assert town.session.scalar(select(func.count()).select_from(Photo)) == 0


def test_other_troubles_with_the_disk_are_not_hidden(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "I/O error")

    monkeypatch.setattr(photos_module.os, "fsync", broken)
    with pytest.raises(OSError, match="I/O error"):
        keep(town, picture())


def test_two_that_come_at_once_are_one_photo(sessions: Sessions, settings: Settings, now: datetime) -> None:
    photo_id, system = uuid4(), Actor(None, "system", "system", ())

    def send(shade: int) -> str:
        data = io.BytesIO(picture(size=(32, 32 + shade)))
        try:
            with sessions.begin() as session:
                created = keep_photo(session, system, photo_id, data, now=now, storage=settings.storage).created
                return "created" if created else "known"
        except PhotoDiffers:
            return "differs"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, [0, 0, 1, 1])) == ["created", "differs", "differs", "known"]


# --- the worker -------------------------------------------------------------------------------------------------------


def test_the_worker_reads_place_and_time_and_makes_a_clean_copy(town: Town) -> None:
    kept = keep(town, with_exif())
    assert process_photos(town.session, now=town.now, batch=10, storage=town.settings.storage) == 1
    photo = town.session.get_one(Photo, kept.photo_id)
    assert photo.exif == {"lon": 121.4737, "lat": 31.2304, "taken_at": "2026-03-10T01:12:00+00:00"}
    assert photo.processed_at == town.now
    assert photo.clean_sha256 is not None
    clean = place_of(photo.clean_sha256, town.settings.storage).read_bytes()
    assert b"SecretPhone" not in clean
    with Image.open(io.BytesIO(clean)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (48, 64), {})
    assert process_photos(town.session, now=town.now, batch=10, storage=town.settings.storage) == 0


@pytest.mark.parametrize(
    ("exif", "lon"),
    [({"ref": "W"}, -121.4737), ({"lat": (91.0, 0.0, 0.0)}, None), ({"lat": (IFDRational(0, 0), 0.0, 0.0)}, None)],
)
def test_a_place_that_cannot_be_is_left_out(town: Town, exif: dict[str, Any], lon: float | None) -> None:
    kept = keep(town, with_exif(**exif))
    process_photos(town.session, now=town.now, batch=10, storage=town.settings.storage)
    assert (town.session.get_one(Photo, kept.photo_id).exif or {}).get("lon") == lon


@pytest.mark.parametrize(
    ("form", "mode"), [("PNG", "RGBA"), ("PNG", "1"), ("PNG", "L"), ("WEBP", "RGBA"), ("HEIF", "RGB"), ("JPEG", "CMYK")]
)
def test_every_kind_of_picture_becomes_a_jpeg_of_at_most_2048_pixels(town: Town, form: str, mode: str) -> None:
    kept = keep(town, picture(form, (2500, 40), mode))
    process_photos(town.session, now=town.now, batch=10, storage=town.settings.storage)
    copy = hand_out(town.session, town["inspector"], kept.photo_id, storage=town.settings.storage)
    with Image.open(io.BytesIO(copy.data)) as image:
        assert (image.format, image.mode, image.width) == ("JPEG", "RGB", 2048)


def test_a_photo_that_breaks_in_the_middle_is_marked_and_not_tried_again(town: Town) -> None:
    torn = picture(size=(600, 600), quality=95)
    kept = keep(town, torn[: len(torn) // 2])
    assert process_photos(town.session, now=town.now, batch=10, storage=town.settings.storage) == 1
    assert town.session.get_one(Photo, kept.photo_id).exif == {"fault": "OSError"}
    assert process_photos(town.session, now=town.now, batch=10, storage=town.settings.storage) == 0
    with pytest.raises(NotFound):
        hand_out(town.session, town["inspector"], kept.photo_id, storage=town.settings.storage)


# --- handing out ------------------------------------------------------------------------------------------------------


def test_until_it_is_processed_a_small_copy_without_exif_is_handed_out(town: Town) -> None:
    kept = keep(town, with_exif())
    copy = hand_out(town.session, town["inspector"], kept.photo_id, storage=town.settings.storage)
    assert not copy.final
    assert b"SecretPhone" not in copy.data
    process_photos(town.session, now=town.now, batch=10, storage=town.settings.storage)
    later = hand_out(town.session, town["inspector"], kept.photo_id, storage=town.settings.storage)
    assert later.final
    assert later.etag != copy.etag


def test_only_who_sent_it_or_sees_a_case_that_names_it_is_handed_the_photo(town: Town) -> None:
    kept = keep(town, picture())

    def seen_by(name: str) -> bool:
        try:
            hand_out(town.session, town[name], kept.photo_id, storage=town.settings.storage)
        except NotFound:
            return False
        return True

    assert [seen_by(name) for name in ("inspector", "acceptor", "other_dispatcher")] == [True, False, False]
    name(town, kept.photo_id, by="inspector")
    assert [seen_by(name) for name in ("acceptor", "city_leader", "other_dispatcher")] == [True, True, False]


def test_naming_somebody_elses_photo_opens_nothing(town: Town) -> None:
    kept = keep(town, picture(), by="other_dispatcher")
    theirs = name(town, kept.photo_id, by="inspector")
    assert not arrived(town, theirs, kept.photo_id)
    assert photo_of(town, "acceptor", kept.photo_id) is None
    assert photo_of(town, "other_dispatcher", kept.photo_id) is not None
    own = keep(town, picture())
    assert arrived(town, name(town, own.photo_id, by="inspector"), own.photo_id)


def test_a_photo_that_somebody_named_is_sent_by_nobody_else(town: Town) -> None:
    photo_id = uuid4()
    case = name(town, photo_id, by="inspector")
    town.move(minutes=1)
    name(town, photo_id, by="other_dispatcher")  # naming it too, later, does not help
    with pytest.raises(PhotoNotYours):
        keep(town, picture("PNG"), by="other_dispatcher", photo_id=photo_id)
    assert files(town) == []
    assert keep(town, picture(), photo_id=photo_id).created
    assert arrived(town, case, photo_id)


def test_a_strangers_bytes_give_way_to_those_of_who_named_the_photo(town: Town) -> None:
    photo_id = uuid4()
    keep(town, picture("PNG", (32, 32)), by="other_dispatcher", photo_id=photo_id)
    process_photos(town.session, now=town.now, batch=10, storage=town.settings.storage)
    case = name(town, photo_id, by="inspector")
    assert not arrived(town, case, photo_id)
    kept = keep(town, picture(), photo_id=photo_id)
    photo = town.session.get_one(Photo, photo_id)
    assert (kept.created, photo.sha256, photo.person_id) == (True, kept.sha256, town["inspector"].person_id)
    assert (photo.processed_at, photo.clean_sha256) == (None, None)
    assert arrived(town, case, photo_id)
    assert photo_of(town, "acceptor", photo_id) is not None
    assert photo_of(town, "other_dispatcher", photo_id) is None
    with pytest.raises(PhotoDiffers):
        keep(town, picture("PNG"), photo_id=photo_id)


def test_the_demos_pictures_that_nobody_sent_show_wherever_they_are_named(town: Town) -> None:
    town.people["system"] = Actor(None, "system", "system", ())
    kept = keep(town, picture(), by="system")
    case = name(town, kept.photo_id, by="inspector")
    assert arrived(town, case, kept.photo_id)
    assert photo_of(town, "acceptor", kept.photo_id) is not None


def test_a_photo_that_has_not_come_is_not_found(town: Town) -> None:
    with pytest.raises(NotFound):
        hand_out(town.session, town["inspector"], uuid4(), storage=town.settings.storage)

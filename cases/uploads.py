"""Photos that come in parts, so that a cut connection costs only what was under way.

A part lies on the disk, where any process may go on with it: its length says how much has come. Its name holds the
person, the photo and the length told, so that nobody else's part is touched and another photo under the same id begins
anew. Bytes are added under a lock, a piece at a time, only at the end: of two senders at once the faster one writes,
and the other is told where to go on. When all is there, `keep_photo` takes it like any other photo.
"""

import fcntl
import math
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import UUID

from sqlalchemy.orm import Session

from cases.errors import NoRoom, PhotoDiffers, PhotoTooLarge, UploadOffset
from cases.models import Photo
from cases.photos import CHUNK, Kept, directory, keep_photo, on_disk, place_of
from core.errors import Invalid
from core.settings import Storage
from people.roles import Actor


@dataclass(frozen=True)
class Part:
    """Bytes from `offset` on of a photo that has `total` in all; `length` is how many come, where it is known."""

    photo_id: UUID
    offset: int
    total: int
    length: int | None = None


def upload_state(session: Session, actor: Actor, photo_id: UUID, *, storage: Storage) -> tuple[int, bool]:
    """How many bytes of the person's photo have come, and whether it is whole; 0 when nothing has."""
    known = _own(session, actor, photo_id)
    if known is not None:
        return known.bytes, True
    sizes = [(file.stat().st_mtime_ns, file.stat().st_size) for file in _parts(actor, photo_id, storage)]
    return (max(sizes)[1] if sizes else 0), False


def take_part(
    session: Session, actor: Actor, part: Part, body: IO[bytes], *, now: datetime, storage: Storage
) -> int | Kept:
    """Add the bytes to what has come: how many there are now, or the photo when it is whole.

    What arrives before `body` breaks off is kept, flushed to disk. A whole photo takes its last bytes again. Raises
    UploadOffset (with the offset to go on from), PhotoTooLarge, Invalid, NoRoom, and what `keep_photo` raises; a photo
    that it refuses begins anew.
    """
    _check(part, storage)
    known = _own(session, actor, part.photo_id)
    if known is not None:
        return _again(known, part, body, storage)
    file = _file(actor, part, storage)
    size = _append(file, part, body)
    if size < part.total:
        return size
    with file.open("rb") as whole:
        try:
            return keep_photo(session, actor, part.photo_id, whole, now=now, storage=storage)
        except Invalid:
            file.unlink(missing_ok=True)
            raise


def forget_parts(actor: Actor, photo_id: UUID, *, storage: Storage) -> None:
    """Remove what came in parts: for a photo that is kept, when that is committed."""
    for file in _parts(actor, photo_id, storage):
        file.unlink(missing_ok=True)


def forget_old_parts(*, before: datetime, storage: Storage) -> int:
    """Remove parts that nothing was added to since; how many."""
    old = [file for file in _folder(storage).glob("*") if _changed(file) < before.timestamp()]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:  # another worker was faster
        return math.inf


def _check(part: Part, storage: Storage) -> None:
    if part.total > storage.photo_bytes:
        raise PhotoTooLarge(most=storage.photo_bytes)
    if part.offset + (part.length or 0) > part.total:
        raise Invalid.one("body", "longer_than_told", most=part.total)


def _own(session: Session, actor: Actor, photo_id: UUID) -> Photo | None:
    """The photo, when it is whole and the person sent it."""
    known = session.get(Photo, photo_id)
    return known if known is not None and known.person_id == actor.person_id else None


def _again(known: Photo, part: Part, body: IO[bytes], storage: Storage) -> Kept:
    """The kept photo, when the part is one of it: its answer was lost."""
    with place_of(known.sha256, storage).open("rb") as kept:
        kept.seek(part.offset)
        same = part.total == known.bytes and all(kept.read(len(piece)) == piece for piece in _pieces(body))
    if not same:
        raise PhotoDiffers(photo_id=str(known.id))
    return Kept(False, known.id, known.sha256, known.media_type, known.bytes)


# --- on the disk ------------------------------------------------------------------------------------------------------


def _folder(storage: Storage) -> Path:
    return directory(storage) / "parts"


def _parts(actor: Actor, photo_id: UUID, storage: Storage) -> list[Path]:
    return list(_folder(storage).glob(f"{actor.person_id}-{photo_id}-*"))


def _file(actor: Actor, part: Part, storage: Storage) -> Path:
    folder = _folder(storage)
    with on_disk():
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < storage.min_free_mb * 1024 * 1024:
            raise NoRoom
    return folder / f"{actor.person_id}-{part.photo_id}-{part.total}"


def _append(file: Path, part: Part, body: IO[bytes]) -> int:
    """Write at the end, which must be where the part begins; how long the file is then."""
    with on_disk():
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        at = part.offset
        _check_end(handle, at)
        try:
            for piece in _pieces(body):
                if at + len(piece) > part.total:
                    raise Invalid.one("body", "longer_than_told", most=part.total)
                _write(handle, piece, at)
                at += len(piece)
        finally:
            with on_disk():
                os.fsync(handle)
    finally:
        os.close(handle)
    return at


def _pieces(body: IO[bytes]) -> Iterator[bytes]:
    while piece := body.read(CHUNK):
        yield piece


def _check_end(handle: int, at: int) -> None:
    size = os.fstat(handle).st_size
    if size != at:
        raise UploadOffset(offset=size)


def _write(handle: int, piece: bytes, at: int) -> None:
    """Add the piece if the file still ends there; the lock is held for the write only, never while bytes come."""
    with _locked(handle):
        _check_end(handle, at)
        rest = memoryview(piece)
        with on_disk():
            while rest:
                rest = rest[os.write(handle, rest) :]


@contextmanager
def _locked(handle: int) -> Iterator[None]:
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)

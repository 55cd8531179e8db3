"""Photos in parts: what has come stays, whoever goes on, however often, from whichever process."""

import errno
import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

import pytest

from cases import uploads
from cases.errors import NoRoom, PhotoDiffers, PhotoTooLarge, UploadOffset
from cases.photos import Kept, directory, place_of
from cases.uploads import Part, forget_old_parts, forget_parts, take_part, upload_state
from core.errors import Invalid
from tests.cases.test_photos import picture
from tests.make import Town

WHOLE = picture(size=(640, 480), quality=95)
THIRD = len(WHOLE) // 3


class Cut(io.RawIOBase):
    """A body whose connection breaks after so many bytes."""

    def __init__(self, data: bytes, after: int) -> None:
        self._left = io.BytesIO(data[:after])

    def read(self, size: int = -1) -> bytes:
        piece = self._left.read(min(size, 1000))
        if not piece:
            raise ConnectionResetError
        return piece


def send(
    town: Town,
    photo_id: UUID,
    offset: int,
    data: bytes | IO[bytes],
    *,
    by: str = "inspector",
    total: int = len(WHOLE),
    **storage: int,
) -> int | Kept:
    body = io.BytesIO(data) if isinstance(data, bytes) else data
    part = Part(photo_id, offset, total, len(data) if isinstance(data, bytes) else None)
    kept_in = replace(town.settings.storage, **storage)
    return take_part(town.session, town[by], part, body, now=town.now, storage=kept_in)


def state(town: Town, photo_id: UUID, by: str = "inspector") -> tuple[int, bool]:
    return upload_state(town.session, town[by], photo_id, storage=town.settings.storage)


def test_parts_make_the_photo_and_its_file_is_what_was_sent(town: Town) -> None:
    photo_id = uuid4()
    assert state(town, photo_id) == (0, False)
    assert send(town, photo_id, 0, WHOLE[:THIRD]) == THIRD
    assert state(town, photo_id) == (THIRD, False)
    assert send(town, photo_id, THIRD, WHOLE[THIRD : 2 * THIRD]) == 2 * THIRD
    kept = send(town, photo_id, 2 * THIRD, WHOLE[2 * THIRD :])
    assert isinstance(kept, Kept)
    assert (kept.created, kept.bytes, kept.sha256) == (True, len(WHOLE), hashlib.sha256(WHOLE).hexdigest())
    assert place_of(kept.sha256, town.settings.storage).read_bytes() == WHOLE
    assert state(town, photo_id) == (len(WHOLE), True)


def test_what_came_before_the_connection_broke_is_kept(town: Town) -> None:
    photo_id = uuid4()
    with pytest.raises(ConnectionResetError):
        send(town, photo_id, 0, Cut(WHOLE, THIRD))
    assert state(town, photo_id) == (THIRD, False)
    assert isinstance(send(town, photo_id, THIRD, WHOLE[THIRD:]), Kept)


def test_a_part_that_does_not_begin_at_the_end_is_told_where_that_is(town: Town) -> None:
    photo_id = uuid4()
    send(town, photo_id, 0, WHOLE[:THIRD])
    for offset in (0, THIRD - 1, THIRD + 1):
        with pytest.raises(UploadOffset) as refused:
            send(town, photo_id, offset, WHOLE[offset : offset + 10])
        assert refused.value.data == {"offset": THIRD}
    assert state(town, photo_id) == (THIRD, False)


def test_a_whole_photo_takes_any_of_its_parts_again_and_no_other(town: Town) -> None:
    photo_id = uuid4()
    send(town, photo_id, 0, WHOLE)
    for offset, data in ((2 * THIRD, WHOLE[2 * THIRD :]), (0, WHOLE[:THIRD]), (len(WHOLE), b"")):
        again = send(town, photo_id, offset, data)
        assert isinstance(again, Kept)
        assert not again.created
    with pytest.raises(PhotoDiffers):
        send(town, photo_id, 0, b"x" * THIRD)
    with pytest.raises(PhotoDiffers):
        send(town, photo_id, 0, WHOLE[:THIRD], total=len(WHOLE) + 1)


def test_more_than_was_told_is_refused_and_nothing_too_much_is_written(town: Town) -> None:
    photo_id = uuid4()
    with pytest.raises(Invalid):
        send(town, photo_id, 0, WHOLE, total=THIRD)
    assert state(town, photo_id) == (0, False)
    with pytest.raises(Invalid):  # a chunked body: its length shows while it comes
        send(town, photo_id, 0, io.BytesIO(WHOLE), total=THIRD)
    assert state(town, photo_id)[0] <= THIRD


def test_another_length_is_another_photo_that_begins_anew(town: Town) -> None:
    photo_id, other = uuid4(), picture(size=(320, 240))
    send(town, photo_id, 0, WHOLE[:THIRD])
    with pytest.raises(UploadOffset) as refused:
        send(town, photo_id, THIRD, other[THIRD:], total=len(other))
    assert refused.value.data == {"offset": 0}
    assert isinstance(send(town, photo_id, 0, other, total=len(other)), Kept)


def test_a_photo_that_is_told_too_large_is_refused_at_once(town: Town) -> None:
    with pytest.raises(PhotoTooLarge):
        send(town, uuid4(), 0, WHOLE[:10], photo_bytes=1000)


def test_what_is_no_photo_is_refused_when_it_is_whole_and_begins_anew(town: Town) -> None:
    photo_id = uuid4()
    with pytest.raises(Invalid):
        send(town, photo_id, 0, b"no photo at all", total=15)
    assert state(town, photo_id) == (0, False)
    assert isinstance(send(town, photo_id, 0, WHOLE), Kept)


def test_a_strangers_parts_under_the_same_id_do_not_meet_mine(town: Town) -> None:
    photo_id = uuid4()
    send(town, photo_id, 0, b"x" * 100, by="other_inspector")
    assert state(town, photo_id) == (0, False)
    assert isinstance(send(town, photo_id, 0, WHOLE), Kept)
    assert state(town, photo_id, "other_inspector") == (100, False)


@pytest.mark.parametrize("kind", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_keeps_what_is_there_and_goes_on_later(
    town: Town, kind: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo_id, real = uuid4(), os.write
    wrote: list[int] = []

    def filling(handle: int, data: memoryview) -> int:
        if wrote:
            raise OSError(kind, os.strerror(kind))
        wrote.append(real(handle, data[:100]))
        return wrote[0]

    monkeypatch.setattr(uploads.os, "write", filling)
    with pytest.raises(NoRoom):
        send(town, photo_id, 0, WHOLE)
    monkeypatch.undo()
    assert state(town, photo_id) == (100, False)
    kept = send(town, photo_id, 100, WHOLE[100:])
    assert isinstance(kept, Kept)
    assert kept.sha256 == hashlib.sha256(WHOLE).hexdigest()


def test_a_nearly_full_disk_takes_no_part(town: Town) -> None:
    with pytest.raises(NoRoom):
        send(town, uuid4(), 0, WHOLE[:10], min_free_mb=2**40)


def test_two_senders_at_once_never_mix_their_bytes(town: Town) -> None:
    """Each goes on where it is told; the file is whole at the end, byte by byte."""
    file = directory(town.settings.storage) / "parts" / "shared"
    file.parent.mkdir(parents=True)
    data = os.urandom(400_000)

    def sender(step: int) -> None:
        at = 0
        while at < len(data):
            try:
                part = Part(UUID(int=1), at, len(data))
                at = uploads._append(file, part, io.BytesIO(data[at : at + step]))
            except UploadOffset as told:
                at = told.data["offset"]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sender, (1000, 7777, 70_000, 131_072)))
    assert file.read_bytes() == data


def test_parts_go_once_the_photo_is_kept_and_old_ones_after_their_days(town: Town) -> None:
    photo_id, waiting = uuid4(), uuid4()
    send(town, photo_id, 0, WHOLE)
    send(town, waiting, 0, WHOLE[:10])
    folder = directory(town.settings.storage) / "parts"
    forget_parts(town["inspector"], photo_id, storage=town.settings.storage)
    [left] = folder.iterdir()
    assert str(waiting) in left.name
    changed = datetime.fromtimestamp(left.stat().st_mtime, UTC)
    assert forget_old_parts(before=changed - timedelta(seconds=1), storage=town.settings.storage) == 0
    assert forget_old_parts(before=changed + timedelta(seconds=1), storage=town.settings.storage) == 1
    assert list(folder.iterdir()) == []


def test_no_part_ever_came_and_tidying_finds_nothing(town: Town, tmp_path: Path) -> None:
    nowhere = replace(town.settings.storage, photos=str(tmp_path / "none"))
    assert forget_old_parts(before=datetime(2100, 1, 1, tzinfo=UTC), storage=nowhere) == 0

"""Photos: sent as raw bytes, handed out without EXIF."""

from functools import partial
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import Field

from cases.photos import Kept, hand_out, keep_photo
from cases.uploads import Part, forget_parts, take_part, upload_state
from people.roles import Permission
from web.answers import answer
from web.bodies import Answer, Headers, gives, refuses, takes
from web.signin import allow, big_body, person
from web.transaction import db, now, runtime

blueprint = APIBlueprint("photos", __name__, url_prefix="/photos", tag="Photos")
# Above settings.storage.photo_bytes, so that a photo that is too large is told so in its own words.
MOST_BYTES = 64 * 1024 * 1024
WHEN_MADE = "private, max-age=31536000, immutable"


class PhotoAnswer(Answer):
    photo_id: UUID
    sha256: str = Field(description="Of the bytes as sent")
    media_type: str
    bytes: int


class PartHeaders(Headers):
    """Where the part begins, and how long the whole photo is, in bytes."""

    upload_offset: int = Field(alias="Upload-Offset", ge=0, le=MOST_BYTES)
    upload_length: int = Field(alias="Upload-Length", ge=1, le=MOST_BYTES)


class PartAnswer(Answer):
    offset: int = Field(description="How many bytes have come: the next part begins there")


class UploadAnswer(PartAnswer):
    complete: bool = Field(description="True: the photo is kept")


@blueprint.put("/<uuid:photo_id>")
@allow(Permission.REPORT, Permission.ACT_ON_CASES)
@big_body(MOST_BYTES)
@takes(raw="image/*")
@gives(PhotoAnswer, 201)
@gives(PhotoAnswer, 200, text="The same bytes came before")
@refuses("photo-differs", "photo-not-yours", "photo-too-large", "no-room")
def put_photo(photo_id: UUID) -> Response:
    """Send a photo (JPEG, PNG, WebP, HEIC), before or after the report or verb that names it."""
    storage = runtime().settings.storage
    kept = keep_photo(db(), person(), photo_id, request.stream, now=now(), storage=storage)
    return answer(_shown(kept), 201 if kept.created else 200)


@blueprint.patch("/<uuid:photo_id>")
@allow(Permission.REPORT, Permission.ACT_ON_CASES)
@big_body(MOST_BYTES)
@takes(raw="image/*", headers=PartHeaders)
@gives(PhotoAnswer, 201, text="All parts have come, and the photo is kept")
@gives(PhotoAnswer, 200, text="It was kept before")
@gives(PartAnswer, 202, text="More parts are needed")
@refuses("upload-offset", "photo-differs", "photo-not-yours", "photo-too-large", "no-room")
def patch_photo(photo_id: UUID, *, headers: PartHeaders) -> Response:
    """Send a part of a photo; what comes before a connection breaks is kept, and goes on from `GET …/upload`."""
    storage = runtime().settings.storage
    part = Part(photo_id, headers.upload_offset, headers.upload_length, request.content_length)
    found = take_part(db(), person(), part, request.stream, now=now(), storage=storage)
    if isinstance(found, int):
        return answer({"offset": found}, 202)
    response = answer(_shown(found), 201 if found.created else 200)
    # called when the answer goes out, which it does only when the photo's row is committed
    response.call_on_close(partial(forget_parts, person(), photo_id, storage=storage))
    return response


@blueprint.get("/<uuid:photo_id>/upload")
@allow(Permission.REPORT, Permission.ACT_ON_CASES)
@gives(UploadAnswer)
def show_upload(photo_id: UUID) -> Response:
    """How much of a photo of one's own has come; nothing: 0."""
    offset, complete = upload_state(db(), person(), photo_id, storage=runtime().settings.storage)
    return answer({"offset": offset, "complete": complete})


def _shown(kept: Kept) -> dict[str, object]:
    return {
        "photo_id": kept.photo_id,
        "sha256": kept.sha256,
        "media_type": kept.media_type,
        "bytes": kept.bytes,
    }


@blueprint.get("/<uuid:photo_id>")
@allow(Permission.SEE_CASES)
@gives(None, media="image/jpeg", text="A copy without EXIF; a small one until the real one is made")
@refuses("not-found")
def get_photo(photo_id: UUID) -> Response:
    """A photo that one has sent, or that its sender named on a case that one sees."""
    copy = hand_out(db(), person(), photo_id, storage=runtime().settings.storage)
    response = Response(copy.data, mimetype=copy.media_type)
    response.headers["Cache-Control"] = WHEN_MADE if copy.final else "private, no-cache"
    response.headers["Content-Disposition"] = f'inline; filename="{photo_id}.jpg"'
    response.set_etag(copy.etag)
    response.make_conditional(request)
    return response

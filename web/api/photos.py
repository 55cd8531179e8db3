"""Photos: sent as raw bytes, handed out without EXIF."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import Field

from cases.photos import Kept, hand_out, keep_photo
from people.roles import Permission
from web.answers import answer
from web.bodies import Answer, gives, refuses, takes
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
def get_photo(photo_id: UUID) -> Response:
    """A photo that one has sent, or that its sender named on a case that one sees."""
    copy = hand_out(db(), person(), photo_id, storage=runtime().settings.storage)
    response = Response(copy.data, mimetype=copy.media_type)
    response.headers["Cache-Control"] = WHEN_MADE if copy.final else "private, no-cache"
    response.headers["Content-Disposition"] = f'inline; filename="{photo_id}.jpg"'
    response.set_etag(copy.etag)
    response.make_conditional(request)
    return response

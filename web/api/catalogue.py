"""The case categories with their filing conditions."""

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import Field

from cases.categories import categories
from cases.models import CategoryKind
from cases.workdays import Unit
from grid.levels import Level
from people.roles import Permission
from web.answers import answer
from web.bodies import Answer, gives
from web.signin import allow
from web.transaction import reader

blueprint = APIBlueprint("catalogue", __name__, url_prefix="/categories", tag="Categories")


class ConditionAnswer(Answer):
    id: int
    zh: str
    en: str
    limit: int
    unit: Unit
    closing_zh: str
    closing_en: str
    photos_before: int
    photos_after: int
    then_limit: int | None = Field(description="A second limit, which begins when the first step is done")
    then_unit: Unit | None
    then_closing_zh: str | None
    then_closing_en: str | None


class CategoryAnswer(Answer):
    id: int
    catalogue: str
    kind: CategoryKind
    code: str
    class_code: str
    class_zh: str
    class_en: str
    zh: str
    en: str
    pinyin: str = Field(description="How `zh` is read: syllables without tones, a blank between them")
    initials: str = Field(description="The first letter of each syllable")
    self_handle: bool = Field(description="An inspector may settle it on the spot")
    responsible_level: Level
    conditions: list[ConditionAnswer]


class CategoriesAnswer(Answer):
    items: list[CategoryAnswer]
    version: str


@blueprint.get("")
@allow(Permission.SEE_GROUND, Permission.SEE_CASES)
@gives(CategoriesAnswer)
def list_categories() -> Response:
    """All current categories, by code; unchanged since the ETag: 304."""
    found = categories(reader())
    response = answer({"items": list(found.by_code.values()), "version": found.version})
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(found.version)
    response.make_conditional(request)
    return response

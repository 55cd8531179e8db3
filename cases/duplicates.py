"""Duplicates (并案): reports of the same thing, which keep reporter, photos and story under the first case."""

from typing import Any

from sqlalchemy import CTE, Row, select
from sqlalchemy.orm import Session

from cases.models import Case, CasePhoto, Category, Photo
from cases.photos import shows
from people.models import Person

MOST = 50
"""So many duplicates are shown of a case."""
DEEPEST = 20
"""A duplicate may have had duplicates of its own, and so on."""


def duplicates_of(session: Session, case_id: int) -> list[dict[str, Any]]:
    """The duplicates under a first case as its page shows them, the oldest first; two statements at most."""
    under = _under(case_id)
    rows = session.execute(
        select(
            Case.id, Case.no, Case.source, Case.stage, Case.reported_at, Case.description,
            Person.name.label("reporter"), Category,
        )
        .join(under, under.c.id == Case.id)
        .outerjoin(Person, Person.id == Case.reporter_id)
        .outerjoin(Category, Category.id == Case.category_id)
        .order_by(Case.reported_at, Case.id)
        .limit(MOST)
    ).all()  # fmt: skip
    photos: dict[int, list[dict[str, Any]]] = {row.id: [] for row in rows}
    for photo in session.execute(photos_of(list(photos))) if photos else ():
        photos[photo.case_id].append(as_photo(photo))
    names = ("no", "source", "stage", "reported_at", "description", "reporter")
    return [
        {name: getattr(row, name) for name in names}
        | {"category": as_category(row.Category), "photos": photos[row.id]}
        for row in rows
    ]  # fmt: skip


def reporters_of_duplicates(session: Session, case_id: int) -> list[int]:
    """Who reported the duplicates under the case: they wait for its end, too."""
    under = _under(case_id)
    wanted = select(Case.reporter_id).join(under, under.c.id == Case.id).where(Case.reporter_id.is_not(None))
    return [id_ for id_ in session.scalars(wanted.distinct().order_by(Case.reporter_id)) if id_ is not None]


def _under(case_id: int) -> CTE:
    direct = select(Case.id, Case.merged_into_id.label("first"), (Case.id * 0).label("depth"))
    under = direct.where(Case.merged_into_id == case_id).cte("under", recursive=True)
    deeper = select(Case.id, Case.merged_into_id, under.c.depth + 1)
    return under.union_all(deeper.join(under, Case.merged_into_id == under.c.id).where(under.c.depth < DEEPEST))


def photos_of(case_ids: list[int]) -> Any:
    """The statement of the photos that the cases name, and whether each has arrived."""
    return (
        select(
            CasePhoto.case_id, CasePhoto.photo_id, CasePhoto.kind, CasePhoto.round, CasePhoto.at,
            Photo.id.label("arrived"),
        )
        .outerjoin(Photo, shows())
        .where(CasePhoto.case_id.in_(case_ids))
        .order_by(CasePhoto.at, CasePhoto.photo_id)
    )  # fmt: skip


def as_photo(row: Row[Any]) -> dict[str, Any]:
    """A row of `photos_of` as the API shows it."""
    return {
        "id": row.photo_id, "kind": row.kind, "round": row.round, "at": row.at, "arrived": row.arrived is not None,
        "url": f"/api/v1/photos/{row.photo_id}",
    }  # fmt: skip


def as_category(category: Category | None) -> dict[str, Any] | None:
    """A category as the API shows it."""
    if category is None:
        return None
    names = ("code", "kind", "zh", "en", "class_code", "class_zh", "class_en")
    return {name: getattr(category, name) for name in names}

"""Which categories a component may have; all else about components stands in `grid`."""

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from cases.categories import categories
from cases.models import CategoryKind


def component_codes(conn: Connection | Session) -> set[str]:
    """The codes of the current categories of things (部件), which a component may have."""
    return {code for code, category in categories(conn).by_code.items() if category.kind is CategoryKind.COMPONENT}

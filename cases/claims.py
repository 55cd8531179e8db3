"""Who has a case open (谁在办): a lease that is renewed while one looks, and the pool that hands out the next case.

A claim tells, it stops nobody: what two people do to a case at once is settled by its version. It lives beside the
case, whose version it never moves, and ends by itself when nobody renews it.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, exists, or_, select
from sqlalchemy import case as either
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cases.clock import written
from cases.errors import Claimed, NothingToClaim
from cases.models import Case, Claim
from cases.permissions import visible
from cases.search import Filters
from cases.search.filters import conditions
from core.errors import NotFound
from core.settings import Claims
from people.models import Person
from people.roles import Actor

# Claims that ended so long ago are swept away.
FORGET_AFTER = timedelta(days=1)


def claim_case(
    session: Session, actor: Actor, no: str, *, now: datetime, settings: Claims, take: bool = False
) -> dict[str, Any]:
    """Take the case, or go on having it; `take`: also from somebody else's hands. What the API shows of the claim.

    Raises NotFound for a case that the person doesn't see, Claimed while somebody else has it.
    """
    case_id = _seen(session, actor, no)
    while not (row := _hold(session, actor, case_id, now=now, settings=settings, take=take)):
        holder = session.execute(_holder(case_id, now)).first()
        if holder is not None:  # else they have let go in this moment
            raise Claimed(person=holder.person, until=written(holder.until))
    return as_claim(actor, row, actor.name)


def release_case(session: Session, actor: Actor, no: str) -> None:
    """Let go of the case, if one has it. Raises NotFound for a case that the person doesn't see."""
    case_id = _seen(session, actor, no)
    session.execute(delete(Claim).where(Claim.case_id == case_id, Claim.person_id == actor.person_id))


def claim_next(session: Session, actor: Actor, filters: Filters, *, now: datetime, settings: Claims) -> str:
    """Take the open case that burns most of those asked for and that nobody has; its number.

    What somebody works on in this moment is passed over, so that ten people who ask at once get ten cases. Raises
    NothingToClaim, and as `conditions`.
    """
    asked = conditions(session, actor, filters, now=now)
    held = exists().where(Claim.case_id == Case.id, held_now(now)).correlate(Case)
    wanted = (
        select(Case.id, Case.no)
        .where(*asked, Case.ended_at.is_(None), ~held)
        .order_by(Case.due_at, Case.id)  # what has no clock comes last
        .limit(1)
        .with_for_update(of=Case, key_share=True, skip_locked=True)
    )
    while (found := session.execute(wanted).first()) is not None:
        # who came in between has committed: the next look sees it
        if _hold(session, actor, found.id, now=now, settings=settings):
            no: str = found.no
            return no
    raise NothingToClaim


def end_claim(session: Session, case: Case) -> None:
    """A case that has ended is in nobody's hands."""
    if case.ended_at is not None:
        session.execute(delete(Claim).where(Claim.case_id == case.id))


def forget_old_claims(session: Session, *, now: datetime) -> int:
    """Delete the claims that ended long ago; how many there were."""
    gone = session.execute(delete(Claim).where(Claim.until < now - FORGET_AFTER).returning(Claim.case_id))
    return len(gone.all())


def held_now(now: datetime) -> ColumnElement[bool]:
    """The condition under which a claim still counts."""
    return Claim.until > now


def as_claim(actor: Actor, row: Any, person: str) -> dict[str, Any]:
    """As the API shows it."""
    return {"person": person, "at": row.at, "until": row.until, "mine": row.person_id == actor.person_id}


def _seen(session: Session, actor: Actor, no: str) -> int:
    case_id = session.scalar(select(Case.id).where(Case.no == no, visible(actor)))
    if case_id is None:
        raise NotFound
    return case_id


def _hold(
    session: Session, actor: Actor, case_id: int, *, now: datetime, settings: Claims, take: bool = False
) -> Row[int, datetime, datetime] | None:
    """Write the claim unless somebody else has the case; None: they do. Who has it already keeps its beginning."""
    until = now + timedelta(minutes=settings.minutes)
    new = insert(Claim).values(case_id=case_id, person_id=actor.person_id, at=now, until=until)
    free = or_(Claim.person_id == actor.person_id, Claim.until <= now)
    goes_on = (Claim.person_id == actor.person_id) & held_now(now)
    values = {"person_id": actor.person_id, "at": either((goes_on, Claim.at), else_=now), "until": until}
    written = new.on_conflict_do_update(
        index_elements=[Claim.case_id], set_=values, where=None if take else free
    ).returning(Claim.person_id, Claim.at, Claim.until)
    return session.execute(written).first()


def _holder(case_id: int, now: datetime) -> Any:
    return (
        select(Person.name.label("person"), Claim.until)
        .join(Person, Person.id == Claim.person_id)
        .where(Claim.case_id == case_id, held_now(now))
    )

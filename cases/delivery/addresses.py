"""Where people's browsers take push messages: kept by the people themselves, dropped when a push service says so."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cases.delivery.push import AUTH_BYTES, Address, is_point, public_key, read_bytes, read_endpoint
from cases.delivery.targets import BadTarget, is_allowed, literal
from cases.errors import PushOff
from cases.models import PushAddress
from core.errors import FieldError, Invalid
from core.settings import Settings
from people.roles import Actor

ADDRESSES_MOST = 10
"""Browsers of one person; the one that came first goes when another comes."""
FAILURES_MOST = 20
"""So many failures one after the other, and the browser is taken for gone."""


def push_settings(session: Session, actor: Actor, settings: Settings) -> dict[str, Any]:
    """The key to subscribe with, and at how many browsers the person is told."""
    mine = select(func.count()).where(PushAddress.person_id == actor.person_id, PushAddress.gone_at.is_(None))
    return {"key": public_key(settings), "addresses": session.scalar(mine) or 0}


def keep_address(session: Session, actor: Actor, address: Address, *, now: datetime, settings: Settings) -> None:
    """Tell the person at this browser, too; a browser that somebody else used is theirs now.

    Raises PushOff, Invalid with all faults.
    """
    if public_key(settings) is None:
        raise PushOff
    if errors := _faults(address, settings):
        raise Invalid(errors)
    values = {
        "person_id": actor.person_id, "p256dh": address.p256dh, "auth": address.auth, "language": address.language,
        "created_at": now, "gone_at": None, "failures": 0,
    }  # fmt: skip
    session.execute(
        insert(PushAddress)
        .values(endpoint=address.endpoint, **values)
        .on_conflict_do_update(index_elements=[PushAddress.endpoint], set_=values)
    )
    newest = (
        select(PushAddress.id)
        .where(PushAddress.person_id == actor.person_id)
        .order_by(PushAddress.created_at.desc(), PushAddress.id.desc())
    )
    session.execute(
        delete(PushAddress)
        .where(PushAddress.id.in_(newest.offset(ADDRESSES_MOST)))
        .execution_options(synchronize_session=False)
    )


def drop_address(session: Session, actor: Actor, endpoint: str) -> None:
    """Tell the person there no more; an address that is not theirs stays as it is."""
    session.execute(
        delete(PushAddress)
        .where(PushAddress.endpoint == endpoint, PushAddress.person_id == actor.person_id)
        .execution_options(synchronize_session=False)
    )


def _faults(address: Address, settings: Settings) -> list[FieldError]:
    """What can be known before the host is looked up; that is done, and checked, with each message."""
    errors = []
    try:
        host = read_endpoint(address.endpoint, settings).hostname or ""
    except BadTarget:
        errors.append(FieldError.of("endpoint", "not_push_url"))
    else:
        local = [*literal(host), *(["127.0.0.1"] if f".{host.removesuffix('.')}".endswith(".localhost") else [])]
        if not is_allowed(host, local, settings.push.hosts):
            errors.append(FieldError.of("endpoint", "private_target"))
    if not is_point(_bytes(address.p256dh)):
        errors.append(FieldError.of("keys.p256dh", "not_push_key"))
    if len(_bytes(address.auth)) != AUTH_BYTES:
        errors.append(FieldError.of("keys.auth", "not_push_key"))
    return errors


def _bytes(text: str) -> bytes:
    try:
        return read_bytes(text)
    except ValueError:
        return b""


# --- how it went ------------------------------------------------------------------------------------------------------


def address_of(session: Session, push_id: int | None, person_id: int | None) -> Address | None:
    """The address while it is the person's and not gone."""
    found = session.get(PushAddress, push_id, populate_existing=True)
    if found is None or found.gone_at is not None or found.person_id != person_id:
        return None
    return Address(found.endpoint, found.p256dh, found.auth, found.language)


def note_result(session: Session, push_id: int, *, taken: bool, gone: bool, now: datetime) -> None:
    """Count failures one after the other; an address that is gone, or fails too often, gets no message any more."""
    one = update(PushAddress).where(PushAddress.id == push_id).execution_options(synchronize_session=False)
    if taken:
        session.execute(one.where(PushAddress.failures > 0).values(failures=0))
        return
    session.execute(one.values(failures=PushAddress.failures + 1))
    over = PushAddress.failures >= (0 if gone else FAILURES_MOST)
    session.execute(one.where(over, PushAddress.gone_at.is_(None)).values(gone_at=now))

"""What administrators keep of deliveries: webhooks, dead letters; and everybody: which notices come by mail."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, delete, exists, or_, select, text, tuple_
from sqlalchemy.orm import Session

from cases.calendars import REPLY_PREFIX
from cases.delivery.targets import BadTarget, is_allowed, literal, read_url
from cases.delivery.troubles import read_error
from cases.errors import NoSuchDelivery, NoSuchWebhook, NotToBeSent, StaleRules
from cases.models import Channel, Delivery, DeliveryState, PushAddress, Rung, Webhook
from cases.notices import NoticeKind
from core.errors import FieldError, Invalid
from core.settings import Settings
from grid.models import Centre
from people.models import Mail, Person, Post
from people.roles import MAY, Actor, Permission

EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
EMAIL_LENGTH = 254
FORGET_AFTER = timedelta(days=30)
"""What was sent or withdrawn is forgotten after this; dead letters stay."""


# --- one's own mail ---------------------------------------------------------------------------------------------------


def mail_settings(session: Session, person_id: int) -> dict[str, Any]:
    """The person's address and which notices come to it."""
    email, mail = session.execute(select(Person.email, Person.mail).where(Person.id == person_id)).one()
    return {"email": email, "mail": mail}


def set_mail(session: Session, person_id: int, *, email: str | None, mail: Mail) -> dict[str, Any]:
    """Change both. Raises Invalid for what is no address, or for mail that has none to go to."""
    email = (email or "").strip() or None
    if email is not None and (len(email) > EMAIL_LENGTH or not EMAIL.fullmatch(email)):
        raise Invalid.one("email", "not_email")
    person = session.get_one(Person, person_id)
    person.email, person.mail = email, mail
    session.flush()
    return {"email": email, "mail": mail}


# --- webhooks ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """A webhook with its centre."""

    webhook: Webhook
    centre: Centre


def list_webhooks(session: Session, actor: Actor, *, limit: int, after: int = 0) -> list[Kept]:
    """Webhooks of the centres that the person keeps, those behind the id `after`."""
    return [Kept(*row) for row in session.execute(_webhooks(actor).where(Webhook.id > after).limit(limit))]


def make_webhook(
    session: Session,
    actor: Actor,
    *,
    name: str,
    url: str,
    centre: str,
    kinds: Sequence[str] | None,
    now: datetime,
    settings: Settings,
) -> Kept:
    """A webhook with a new secret. Raises Invalid with all faults."""
    errors = [*_url_faults(url, settings), *_kind_faults(session, kinds)]
    found = session.scalar(select(Centre).where(Centre.code == centre, Centre.retired_at.is_(None), _kept(actor)))
    if found is None:
        errors.append(FieldError.of("centre", "no_such_centre"))
    if errors or found is None:
        raise Invalid(errors)
    webhook = Webhook(
        name=name, url=url, secret=secrets.token_urlsafe(32), centre_id=found.id, version=1, created_at=now,
        created_by=actor.person_id,
    )  # fmt: skip
    if kinds is not None:
        webhook.kinds = list(dict.fromkeys(kinds))
    session.add(webhook)
    session.flush()
    return Kept(webhook, found)


def change_webhook(
    session: Session,
    actor: Actor,
    webhook_id: int,
    *,
    version: int,
    changes: Mapping[str, Any],
    now: datetime,
    settings: Settings,
) -> Kept:
    """Change `name`, `url`, `kinds` or `disabled`, those that `changes` names.

    Raises NoSuchWebhook, StaleRules, Invalid with all faults.
    """
    kept = _webhook(session, actor, webhook_id)
    webhook = kept.webhook
    if version != webhook.version:
        raise StaleRules(webhook.version)
    errors = _url_faults(changes["url"], settings) if "url" in changes else []
    if errors := [*errors, *_kind_faults(session, changes.get("kinds"))]:
        raise Invalid(errors)
    for field in {"name", "url", "kinds"} & changes.keys():
        setattr(webhook, field, changes[field])
    if "disabled" in changes:
        webhook.disabled_at = (webhook.disabled_at or now) if changes["disabled"] else None
    webhook.version += 1
    session.flush()
    return kept


def try_webhook(session: Session, actor: Actor, webhook_id: int, *, now: datetime) -> UUID:
    """Have a message without notices sent to it; the delivery's id. Raises NoSuchWebhook."""
    webhook = _webhook(session, actor, webhook_id).webhook
    delivery = Delivery(
        id=uuid4(), channel=Channel.WEBHOOK, webhook_id=webhook.id, notices=[], state=DeliveryState.WAITING,
        created_at=now, due_at=now,
    )  # fmt: skip
    session.add(delivery)
    session.flush()
    return delivery.id


def _webhooks(actor: Actor) -> Select[Webhook, Centre]:
    joined = select(Webhook, Centre).join(Centre, Centre.id == Webhook.centre_id)
    return joined.where(_kept(actor)).order_by(Webhook.id)


def _webhook(session: Session, actor: Actor, webhook_id: int) -> Kept:
    row = session.execute(_webhooks(actor).where(Webhook.id == webhook_id).with_for_update(of=Webhook)).one_or_none()
    if row is None:
        raise NoSuchWebhook
    return Kept(*row)


def _kept(actor: Actor) -> ColumnElement[bool]:
    """Centres in the subtree of one where the person keeps the rules."""
    codes = {seat.centre_code for seat in actor.seats if Permission.KEEP_RULES in MAY[seat.role]}
    return or_(*(Centre.line.contains([code]) for code in sorted(codes)))


def _url_faults(url: str, settings: Settings) -> list[FieldError]:
    """What can be known before the host is looked up; that is done, and checked, with each message."""
    try:
        host = read_url(url).hostname or ""
    except BadTarget:
        return [FieldError.of("url", "not_url")]
    name = host.removesuffix(".")
    local = [*literal(host), *(["127.0.0.1"] if name == "localhost" or name.endswith(".localhost") else [])]
    return (
        [] if is_allowed(host, local, settings.delivery.private_targets) else [FieldError.of("url", "private_target")]
    )


def _kind_faults(session: Session, kinds: Sequence[str] | None) -> list[FieldError]:
    if kinds is None:
        return []
    known = {kind.value for kind in NoticeKind}
    for name, levels_up in session.execute(select(Rung.name, Rung.levels_up)):
        known |= {name} if levels_up else {name, REPLY_PREFIX + name}  # an order's reply supervises nobody
    unknown = [kind for kind in kinds if kind not in known]
    return [FieldError.of("kinds", "not_one_of", expected=", ".join(sorted(known)))] if unknown else []


# --- deliveries -------------------------------------------------------------------------------------------------------


def list_deliveries(
    session: Session,
    actor: Actor,
    *,
    state: DeliveryState | None,
    limit: int,
    before: tuple[datetime, UUID] | None = None,
) -> list[dict[str, Any]]:
    """Deliveries of the person's part of the city, the newest first, those before the key (`created_at`, id)."""
    wanted = _deliveries(actor).order_by(Delivery.created_at.desc(), Delivery.id.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(Delivery.state == state)
    if before is not None:
        wanted = wanted.where(tuple_(Delivery.created_at, Delivery.id) < before)
    rows = session.execute(wanted).all()
    kinds = _kinds(session, [row.Delivery for row in rows])
    return [_shown(row, kinds) for row in rows]


def resend(session: Session, actor: Actor, delivery_id: UUID, *, now: datetime) -> dict[str, Any]:
    """Have a dead message sent again under its id, with all its attempts before it.

    Raises NoSuchDelivery, NotToBeSent.
    """
    row = session.execute(
        _deliveries(actor).where(Delivery.id == delivery_id).with_for_update(of=Delivery)
    ).one_or_none()
    if row is None:
        raise NoSuchDelivery
    delivery: Delivery = row.Delivery
    if delivery.state is not DeliveryState.DEAD:
        raise NotToBeSent(state=delivery.state.value)
    delivery.state, delivery.attempts, delivery.due_at = DeliveryState.WAITING, 0, now
    session.flush()
    return _shown(row, _kinds(session, [delivery]))


def forget_deliveries(session: Session, *, now: datetime) -> int:
    """Delete what was sent or withdrawn long ago; how many went."""
    gone = delete(Delivery).where(
        Delivery.state.in_([DeliveryState.SENT, DeliveryState.WITHDRAWN]), Delivery.created_at < now - FORGET_AFTER
    )
    return session.connection().execute(gone).rowcount


def _deliveries(actor: Actor) -> Select[Delivery, str, str | None, str, str, str]:
    theirs = exists().where(Post.person_id == Delivery.person_id, Post.centre_id == Centre.id, _kept(actor))
    hooks = select(Webhook.id).join(Centre, Centre.id == Webhook.centre_id).where(_kept(actor))
    return (
        select(
            Delivery,
            Person.name.label("person"),
            Person.email,
            Webhook.name.label("webhook"),
            Webhook.url,
            PushAddress.endpoint,
        )
        .outerjoin(Person, Person.id == Delivery.person_id)
        .outerjoin(PushAddress, PushAddress.id == Delivery.push_id)
        .outerjoin(Webhook, Webhook.id == Delivery.webhook_id)
        .where(or_(theirs, Delivery.webhook_id.in_(hooks)))
    )


KINDS = text("""
    SELECT deliveries.id, notices.kind, count(*)
    FROM deliveries
    CROSS JOIN LATERAL jsonb_array_elements_text(deliveries.notices) AS told (id)
    JOIN notices ON notices.id = told.id::bigint
    WHERE deliveries.id = ANY(:ids)
    GROUP BY deliveries.id, notices.kind
    ORDER BY min(notices.id)
""")


def _kinds(session: Session, deliveries: Sequence[Delivery]) -> dict[UUID, dict[str, int]]:
    """How many notices of which kind each delivery tells."""
    rows = session.execute(KINDS, {"ids": [delivery.id for delivery in deliveries]})
    found: dict[UUID, dict[str, int]] = {}
    for delivery_id, kind, count in rows:
        found.setdefault(delivery_id, {})[kind] = count
    return found


def _shown(row: Any, kinds: Mapping[UUID, dict[str, int]]) -> dict[str, Any]:
    delivery: Delivery = row.Delivery
    addresses = {Channel.MAIL: row.email, Channel.WEBHOOK: row.url, Channel.PUSH: _host(row.endpoint)}
    hook = delivery.channel is Channel.WEBHOOK
    receiver = {
        "id": delivery.webhook_id if hook else delivery.person_id,
        "name": row.webhook if hook else row.person,
        "address": addresses[delivery.channel],
    }
    names = ("id", "channel", "state", "attempts", "created_at", "due_at", "sent_at")
    trouble, error = read_error(delivery.error)
    plain = {name: getattr(delivery, name) for name in names} | {"trouble": trouble, "error": error}
    return plain | {"receiver": receiver, "notices": len(delivery.notices), "kinds": kinds.get(delivery.id, {})}


def _host(endpoint: str | None) -> str | None:
    """Which push service: who knows the whole address could send there."""
    return None if endpoint is None else read_url(endpoint).hostname

"""New notices become deliveries: who gets them, alone or in a digest, each exactly once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import and_, func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from cases.delivery.tail import Tailing
from cases.models import Channel, Delivery, DeliveryState, Notice, Tail
from cases.notices import NoticeKind
from core.settings import Settings

NAME = "notices"
BATCH = 2000
# The first time that anybody looks here, older notices are history and are not told.
FIRST = timedelta(days=1)
# So many notices fit into a webhook's digest; a person's names the rest by number.
HOOK_MOST = 1000

LATE = frozenset({NoticeKind.URGED, NoticeKind.SUPERVISED, NoticeKind.SUPERVISION_REPLIED})
"""Beside the rungs of the ladder, what people hear who want to hear only of what is late and of orders."""
NOT_LATE = [kind.value for kind in NoticeKind if kind not in LATE]


URGENT = LATE | {NoticeKind.ROLL_CALL, NoticeKind.FENCE, NoticeKind.VERIFY_ASKED, NoticeKind.CHECK_ASKED}
"""Beside the rungs of the ladder, what is pushed to a phone that lies in a pocket."""
NOT_URGENT = [kind.value for kind in NoticeKind if kind not in URGENT]


AT_ONCE = [NoticeKind.ROLL_CALL.value, NoticeKind.FENCE.value]
"""What a phone is told alone however much it was told before: minutes are left to answer, and nobody sends hundreds."""
PUSH_HELD = timedelta(minutes=1)
"""All else that is pushed is urgent, too: of a storm (a bulk verb, a night of rungs) the rest waits so long at most."""


class Receiver(NamedTuple):
    """Who a message is for: a person by mail, a browser of a person by its push address, or a webhook."""

    channel: Channel
    id: int
    person_id: int | None = None


@dataclass
class Recent:
    """What a receiver has had within the digest's time, and the digest that is still open for more."""

    notices: int = 0
    digest: Delivery | None = None


@dataclass
class Plan:
    """Deliveries to be written, and when a digest that begins now will go."""

    now: datetime
    settings: Settings
    rows: list[dict[str, Any]] = field(default_factory=list)

    def ends(self, channel: Channel) -> datetime:
        return self.now + held(channel, self.settings)


def held(channel: Channel, settings: Settings) -> timedelta:
    """The time of a digest: how long one gathers, and how far back what the receiver has had counts."""
    longest = timedelta(minutes=settings.delivery.digest_minutes)
    return min(longest, PUSH_HELD) if channel is Channel.PUSH else longest


def fan_out(session: Session, tailing: Tailing, *, now: datetime, settings: Settings, batch: int = BATCH) -> int:
    """Make deliveries of at most `batch` new notices; how many notices were read. 0: nothing new, or others are at it.

    Whoever calls goes on until it answers 0, committing after each batch. The row of `tails` is locked and moves on in
    the same transaction, so no notice is told twice, and none is passed over (tail.py).
    """
    whole = tailing.look(session)
    last = _lock_tail(session, now)
    if last is None or whole <= last:
        return 0
    ids = session.scalars(
        select(Notice.id).where(Notice.id > last, Notice.id <= whole).order_by(Notice.id).limit(batch)
    ).all()
    upto = ids[-1] if len(ids) == batch else whole
    told: dict[Receiver, list[int]] = {}
    plan = Plan(now, settings)
    if ids:
        asked: dict[str, Any] = {"mail": bool(settings.mail.host), "push": bool(settings.push.private_key)}
        asked |= {"last": last, "upto": upto, "not_late": NOT_LATE, "not_urgent": NOT_URGENT, "at_once": AT_ONCE}
        for channel, receiver_id, person_id, notice_id, at_once in session.execute(RECEIVERS, asked):
            receiver = Receiver(Channel(channel), receiver_id, person_id)
            if at_once:
                plan.rows.append(_row(receiver, [notice_id], now, now))
            else:
                told.setdefault(receiver, []).append(notice_id)
    if told or plan.rows:
        _deliver(session, told, plan)
    session.execute(update(Tail).where(Tail.name == NAME).values(last_id=upto))
    return len(ids)


def _lock_tail(session: Session, now: datetime) -> int | None:
    """How far notices have been told; None: another worker is at it."""
    mine = select(Tail.last_id).where(Tail.name == NAME)
    last = session.scalar(mine.with_for_update(skip_locked=True))
    if last is None and session.scalar(mine) is None:
        before = select(func.coalesce(func.max(Notice.id), 0)).where(Notice.at < now - FIRST)
        session.execute(START, {"name": NAME, "last_id": session.scalar(before)})
        last = session.scalar(mine.with_for_update(skip_locked=True))
    return last


START = text("INSERT INTO tails (name, last_id) VALUES (:name, :last_id) ON CONFLICT DO NOTHING")

# People who hold the addressed post and want it by mail, or have urgent ones pushed; webhooks of the notice's
# centre and of those above. What tells several posts of one thing tells a webhook once. Which posts hear what a whole
# role is told: `hears` of notices.py.
RECEIVERS = text("""
    WITH new AS MATERIALIZED (SELECT * FROM notices WHERE id > :last AND id <= :upto), told AS (
        SELECT new.id, new.kind, posts.person_id FROM new JOIN posts ON posts.centre_id = new.centre_id
            AND posts.role = new.role AND (
                new.department_id IS NULL AND (posts.role <> 'leader' OR posts.department_id IS NULL)
                OR new.department_id = posts.department_id
            )
        UNION
        SELECT new.id, new.kind, new.person_id FROM new WHERE new.person_id IS NOT NULL
    ), hooks AS MATERIALIZED (
        SELECT webhooks.id, webhooks.kinds, centres.code
        FROM webhooks JOIN centres ON centres.id = webhooks.centre_id WHERE webhooks.disabled_at IS NULL
    )
    SELECT 'mail', people.id, people.id, told.id, false FROM told JOIN people ON people.id = told.person_id
    WHERE :mail AND people.email IS NOT NULL AND people.disabled_at IS NULL
        AND (people.mail = 'all' OR people.mail = 'late' AND told.kind <> ALL(:not_late))
    UNION ALL
    SELECT 'push', push_addresses.id, people.id, told.id, told.kind = ANY(:at_once)
    FROM told JOIN people ON people.id = told.person_id
    JOIN push_addresses ON push_addresses.person_id = people.id
    WHERE :push AND people.disabled_at IS NULL AND push_addresses.gone_at IS NULL AND told.kind <> ALL(:not_urgent)
    UNION ALL
    SELECT 'webhook', hooks.id, NULL, min(new.id), false
    FROM new LEFT JOIN cases ON cases.id = new.case_id
    JOIN centres ON centres.id = coalesce(new.centre_id, cases.centre_id)
    CROSS JOIN jsonb_array_elements_text(centres.line) AS above (code)
    JOIN hooks ON hooks.code = above.code
    WHERE jsonb_typeof(hooks.kinds) IS DISTINCT FROM 'array' OR hooks.kinds @> to_jsonb(new.kind::text)
    GROUP BY hooks.id, new.case_id, new.kind, new.at
    ORDER BY 4
""")


def _deliver(session: Session, told: dict[Receiver, list[int]], plan: Plan) -> None:
    recent = _recent(session, told, now=plan.now, settings=plan.settings) if told else {}
    for receiver, ids in told.items():
        _deliver_to(receiver, ids, recent.get(receiver, Recent()), plan)
    session.flush()
    if plan.rows:
        session.execute(insert(Delivery), plan.rows)


def _deliver_to(receiver: Receiver, ids: Sequence[int], recent: Recent, plan: Plan) -> None:
    """One by one, as long as the receiver has had few; the rest joins the digest."""
    alone = max(0, plan.settings.delivery.digest_from - 1 - recent.notices) if recent.digest is None else 0
    plan.rows.extend(_row(receiver, [notice_id], plan.now, plan.now) for notice_id in ids[:alone])
    rest = list(ids[alone:])
    if recent.digest is not None:
        room = _most(receiver) - len(recent.digest.notices)
        recent.digest.notices = [*recent.digest.notices, *rest[:room]]
        rest = rest[max(0, room) :]
    while rest:
        plan.rows.append(_row(receiver, rest[: _most(receiver)], plan.now, plan.ends(receiver.channel)))
        rest = rest[_most(receiver) :]


def _most(receiver: Receiver) -> int:
    return HOOK_MOST if receiver.channel is Channel.WEBHOOK else 10**6


def _row(receiver: Receiver, ids: list[int], now: datetime, due_at: datetime) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "channel": receiver.channel,
        "person_id": receiver.person_id,
        "webhook_id": receiver.id if receiver.channel is Channel.WEBHOOK else None,
        "push_id": receiver.id if receiver.channel is Channel.PUSH else None,
        "notices": ids,
        "state": DeliveryState.WAITING,
        "attempts": 0,
        "created_at": now,
        "due_at": due_at,
    }


def _recent(
    session: Session, receivers: Iterable[Receiver], *, now: datetime, settings: Settings
) -> dict[Receiver, Recent]:
    """What was made for them within the digest's time. Open digests are locked: no worker begins to send them now."""
    people = [one.person_id for one in receivers if one.person_id is not None]
    hooks = [one.id for one in receivers if one.channel is Channel.WEBHOOK]
    theirs = and_(
        or_(Delivery.person_id.in_(people), Delivery.webhook_id.in_(hooks)),
        Delivery.created_at > now - max(held(channel, settings) for channel in Channel),
        or_(*(and_(Delivery.channel == one, Delivery.created_at > now - held(one, settings)) for one in Channel)),
    )
    found: dict[Receiver, Recent] = {}
    size = func.sum(func.jsonb_array_length(Delivery.notices))
    key = (Delivery.channel, Delivery.person_id, Delivery.webhook_id, Delivery.push_id)
    for *named, notices in session.execute(select(*key, size).where(theirs).group_by(*key)):
        found[_receiver(*named)] = Recent(notices)
    waiting = Delivery.state == DeliveryState.WAITING
    for digest in session.scalars(
        select(Delivery)
        .where(theirs, waiting, Delivery.attempts == 0, Delivery.due_at > now)
        .order_by(Delivery.created_at, Delivery.notices[0].as_integer())
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ):
        found[_receiver(digest.channel, digest.person_id, digest.webhook_id, digest.push_id)].digest = digest
    return found


def _receiver(channel: Channel, person_id: int | None, webhook_id: int | None, push_id: int | None) -> Receiver:
    ids = {Channel.MAIL: person_id, Channel.WEBHOOK: webhook_id, Channel.PUSH: push_id}
    return Receiver(channel, ids[channel] or 0, person_id)

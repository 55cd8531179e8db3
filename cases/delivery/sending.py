"""What is due goes out, one message a receiver at a time; the network is touched outside of every transaction."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from uuid import UUID

import structlog
from sqlalchemy import Select, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from cases.delivery.addresses import address_of, note_result
from cases.delivery.hooks import FAILURES, send_hook, write_body
from cases.delivery.mail import send_mail, write_mail
from cases.delivery.push import Gone, answer_by, send_push, write_push
from cases.delivery.standing import Told, look
from cases.delivery.troubles import Trouble, write_error
from cases.models import Channel, Delivery, DeliveryState, Webhook
from core.db import Sessions
from core.settings import Settings
from people.models import Mail, Person

log = structlog.get_logger()

AT_ONCE = 8
"""So many messages are on the wire at a time in a worker, each to another receiver."""
LONGEST_PAUSE = timedelta(hours=1)

Send = Callable[[datetime], None]


@dataclass(frozen=True)
class Message:
    """What a worker has taken: it sends it within its lease, and then says how it went."""

    id: UUID
    attempt: int
    send: Send
    push_id: int | None
    """The push address that it goes to."""


def send_due(
    sessions: Sessions, settings: Settings, *, read_clock: Callable[[], datetime], stopping: Event | None = None
) -> Counter[str]:
    """Send until nothing is due or `stopping` is set; how many messages went to which state.

    The lease is committed before a message is sent, and each result by itself as soon as it is known.
    """
    counts: Counter[str] = Counter()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="send") as threads:
        while stopping is None or not stopping.is_set():
            with sessions.begin() as session:
                messages, others = take(session, now=read_clock(), settings=settings)
            if not messages and not others:
                break
            counts.update(others)
            post = partial(_post, sessions=sessions, settings=settings, read_clock=read_clock)
            counts.update(state.value for state in threads.map(post, messages))
    return counts


def _post(
    message: Message, *, sessions: Sessions, settings: Settings, read_clock: Callable[[], datetime]
) -> DeliveryState:
    error, gone = None, False
    try:
        message.send(read_clock())
    except FAILURES as failure:
        error, gone = write_error(failure), isinstance(failure, Gone)
        log.warning("delivery-failed", delivery=str(message.id), attempt=message.attempt, error=error)
    with sessions.begin() as session:
        if message.push_id is not None:
            note_result(session, message.push_id, taken=error is None, gone=gone, now=read_clock())
        return keep(session, message, error, now=read_clock(), settings=settings)


# --- taking -----------------------------------------------------------------------------------------------------------


def take(session: Session, *, now: datetime, settings: Settings) -> tuple[list[Message], list[str]]:
    """Take what is due, at most one message a receiver; and the states of those that are not sent any more.

    Nothing leaves the house before the caller has committed.
    """
    messages: list[Message] = []
    ended: list[str] = []
    for delivery in session.scalars(_due(now, settings)):
        rings = delivery.channel is Channel.PUSH
        told = [one for one in look(session, delivery.notices, now=now) if one.stands and not (rings and one.over)]
        send = _sender(session, delivery, told, settings) if told or not delivery.notices else None
        if send is None:
            delivery.state = DeliveryState.WITHDRAWN
        elif delivery.attempts >= settings.delivery.attempts_most:
            delivery.state, delivery.error = (
                DeliveryState.DEAD,
                delivery.error or f"{Trouble.WORKER_DIED}: the worker that sent it died",
            )
        else:
            delivery.state, delivery.due_at = DeliveryState.SENDING, now + lease(settings)
            delivery.attempts += 1
            delivery.notices = [one.id for one in told]
            messages.append(Message(delivery.id, delivery.attempts, send, delivery.push_id))
            continue
        ended.append(delivery.state.value)
    session.flush()
    return messages, ended


def lease(settings: Settings) -> timedelta:
    """For so long a message is its worker's: longer than all the answers that it may wait for."""
    return timedelta(seconds=10 * settings.delivery.timeout_seconds + 30)


def _due(now: datetime, settings: Settings) -> Select[Delivery]:
    """Due deliveries, locked: of each receiver the oldest, so that what one doesn't take holds up nobody else."""
    possible = {Channel.WEBHOOK: True, Channel.MAIL: settings.mail.host, Channel.PUSH: settings.push.private_key}
    channels = [channel for channel, how in possible.items() if how]
    # `sending` too: its time is over only if the worker has died
    due = (
        Delivery.state.in_([DeliveryState.WAITING, DeliveryState.SENDING]),
        Delivery.due_at <= now,
        Delivery.channel.in_(channels),
    )
    receiver = (Delivery.channel, Delivery.person_id, Delivery.webhook_id, Delivery.push_id)
    first = Delivery.notices[0].as_integer()
    heads = select(Delivery.id).where(*due).ext(distinct_on(*receiver)).order_by(*receiver, Delivery.due_at, first)
    return (
        select(Delivery)
        .where(Delivery.id.in_(heads), *due)
        .order_by(Delivery.due_at, first)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _sender(session: Session, delivery: Delivery, told: Sequence[Told], settings: Settings) -> Send | None:
    """How to send it; None: the receiver wants it no more."""
    id_ = delivery.id
    if delivery.channel is not Channel.WEBHOOK:
        person = session.get(Person, delivery.person_id, populate_existing=True)
        if person is None or person.disabled_at is not None:
            return None
        return (_mailer if delivery.channel is Channel.MAIL else _pusher)(session, delivery, person, told, settings)
    webhook = session.get(Webhook, delivery.webhook_id, populate_existing=True)
    if webhook is None or webhook.disabled_at is not None:
        return None
    body = write_body(id_, {"id": webhook.id, "name": webhook.name}, told)
    url, secret = webhook.url, webhook.secret
    return lambda now: send_hook(id_, url, secret, body, now=now, settings=settings)


def _mailer(_: Session, delivery: Delivery, person: Person, told: Sequence[Told], settings: Settings) -> Send | None:
    id_, to = delivery.id, person.email
    if to is None or person.mail is Mail.NONE:
        return None
    return lambda now: send_mail(write_mail(id_, to, told, now=now, settings=settings), settings)


def _pusher(
    session: Session, delivery: Delivery, person: Person, told: Sequence[Told], settings: Settings
) -> Send | None:
    id_, address = delivery.id, address_of(session, delivery.push_id, person.id)
    if address is None:
        return None
    body, until = write_push(told, address.language), answer_by(told)
    return lambda now: send_push(id_, address, body, until=until, now=now, settings=settings)


# --- how it went ------------------------------------------------------------------------------------------------------


def keep(session: Session, message: Message, error: str | None, *, now: datetime, settings: Settings) -> DeliveryState:
    """Write down that it went, or when it is tried again. If another worker has taken it meanwhile, that one does."""
    if error is None:
        values = {"state": DeliveryState.SENT, "sent_at": now, "error": None}
    elif message.attempt >= settings.delivery.attempts_most:
        values = {"state": DeliveryState.DEAD, "error": error}
    else:
        due_at = now + pause(message.attempt, settings)
        values = {"state": DeliveryState.WAITING, "error": error, "due_at": due_at}
    session.execute(
        update(Delivery)
        .where(Delivery.id == message.id, Delivery.state == DeliveryState.SENDING, Delivery.attempts == message.attempt)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    state = values["state"]
    assert isinstance(state, DeliveryState)
    return state


def pause(attempt: int, settings: Settings) -> timedelta:
    """How long to wait after so many attempts: doubled with each, an hour at most."""
    seconds = settings.delivery.retry_seconds * 2 ** min(attempt - 1, 20)
    return min(timedelta(seconds=seconds), LONGEST_PAUSE)

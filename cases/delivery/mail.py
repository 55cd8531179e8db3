"""One plain mail for a message, in both languages, by the standard library."""

import smtplib
import ssl
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from cases.delivery.standing import Told
from cases.delivery.words import kind_words
from core.settings import Settings

LISTED = 100
"""So many notices a mail tells one by one; of the rest it tells how many there are."""


def write_mail(delivery_id: UUID, to: str, told: Sequence[Told], *, now: datetime, settings: Settings) -> EmailMessage:
    """The mail; its Message-ID is made of the delivery's id, so that a twin is known as one."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = settings.mail.sender, to, _subject(told)
    mail["Date"] = format_datetime(now.astimezone(ZoneInfo(settings.calendar.zone)))
    mail["Message-ID"] = f"<{delivery_id}@{settings.mail.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Wangge-Delivery"] = str(delivery_id)
    mail.set_content(_text(told, settings), charset="utf-8", cte="base64")
    return mail


def _subject(told: Sequence[Told]) -> str:
    if len(told) == 1:
        zh, en = kind_words(told[0].kind)
        return " ".join(filter(None, (f"[网格] {zh} / {en}", told[0].no)))
    return f"[网格] {len(told)} 条通知 / {len(told)} notices"


def _text(told: Sequence[Told], settings: Settings) -> str:
    zone = ZoneInfo(settings.calendar.zone)
    lines = []
    if len(told) > 1:
        lines += [f"{_kind(kind)}: {count}" for kind, count in Counter(one.kind for one in told).most_common()] + [""]
    for one in told[:LISTED]:
        lines += _lines(one, zone, settings.mail.link.rstrip("/"))
    if more := len(told) - LISTED:
        lines += [f"另有 {more} 条,见系统通知。", f"{more} more; see the notices in the system."] if more > 0 else []
    lines += [
        "-- ",
        "接收哪些邮件可在系统“通知设置”中更改。",
        "Which of these come by mail can be changed in the system, under notices.",
    ]
    return "\n".join(lines) + "\n"


def _kind(kind: str) -> str:
    return " / ".join(kind_words(kind))


def _lines(one: Told, zone: ZoneInfo, link: str) -> list[str]:
    lines = [f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}  {_kind(one.kind)}"]
    if one.no is not None:
        what = f"{one.category_zh} / {one.category_en}" if one.category_zh else None
        lines.append("  " + "  ".join(filter(None, (one.no, what, one.address))))
    if due_at := one.data.get("due_at"):
        due = f"{datetime.fromisoformat(due_at).astimezone(zone):%Y-%m-%d %H:%M}"
        lines.append(f"  时限 / limit: {due}")
    if reason := one.data.get("reason") or one.data.get("text"):
        lines.append(f"  {reason}")
    if link and one.no is not None:
        lines.append(f"  {link}/desk?case={one.no}")
    return [*lines, ""]


def send_mail(mail: EmailMessage, settings: Settings) -> None:
    """Hand the mail to the server. Raises OSError or smtplib.SMTPException (an OSError too)."""
    config = settings.mail
    with smtplib.SMTP(config.host, config.port, timeout=settings.delivery.timeout_seconds) as server:
        if config.starttls:
            server.starttls(context=ssl.create_default_context())
        if config.username:
            server.login(config.username, config.password)
        server.send_message(mail)

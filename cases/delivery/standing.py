"""What a message says, and whether it is still so: asked when it is about to be sent, and never stored.

A fact stays a fact. A rung of the ladder is told only as long as it is so: its clock runs, and the limit (of a warning:
the share of it) is over; or the order that it made stands open. After an extension, a suspension, another category, an
edited calendar or the end of the case that is no longer so, and the ladder tells again when its moment comes.

What asks for something at once is a fact, too, and by mail it is told as one. But a phone in a pocket rings only as
long as there is something to do: nobody is called to a roll call that they have answered or that is over, to a task
that is done or somebody else's, to an alarm that has ended, to hurry with a case that has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cases.calendars import REPLY_PREFIX
from cases.notices import NoticeKind


@dataclass(frozen=True)
class Told:
    """A notice as messages tell it."""

    id: int
    at: datetime
    kind: str
    data: dict[str, Any]
    no: str | None
    stage: str | None
    category: str | None
    category_zh: str | None
    category_en: str | None
    address: str | None
    centre: str | None
    stands: bool | None
    over: bool | None
    """Whether nothing is left to be done of what it asks for: then no phone rings."""


FACTS = [kind.value for kind in NoticeKind]

LOOK = text("""
    SELECT notices.id, notices.at, notices.kind, notices.data, cases.no, cases.stage, cases.category_code,
        categories.zh, categories.en, cases.address, centres.code,
        notices.kind = ANY(:facts) OR cases.ended_at IS NULL AND cases.stage <> 'suspended' AND (
            EXISTS (
                SELECT FROM clocks
                WHERE clocks.case_id = cases.id AND clocks.kind = notices.data ->> 'clock' AND clocks.state = 'running'
                    AND :now >= CASE
                        WHEN EXISTS (
                            SELECT FROM rungs
                            WHERE rungs.name = regexp_replace(notices.kind, :of_reply, '') AND rungs.share < 1
                        )
                        THEN clocks.yellow_at ELSE clocks.due_at
                    END
            ) OR EXISTS (
                SELECT FROM supervision_orders AS orders
                WHERE orders.case_id = cases.id AND orders.closed_at IS NULL AND orders.rung = notices.kind
            )
        ) AS stands,
        CASE notices.kind
            WHEN 'verify_asked' THEN cases.stage <> 'verifying' OR cases.inspector_id <> notices.person_id
            WHEN 'check_asked' THEN cases.stage <> 'checking' OR cases.inspector_id <> notices.person_id
            WHEN 'urged' THEN cases.ended_at IS NOT NULL
            WHEN 'roll_call' THEN EXISTS (
                SELECT FROM roll_call_answers AS answers JOIN roll_calls AS calls ON calls.id = answers.roll_call_id
                WHERE calls.id = CAST(notices.data ->> 'roll_call' AS bigint) AND answers.person_id = notices.person_id
                    AND (answers.answered_at IS NOT NULL OR calls.answer_by <= :now)
            )
            WHEN 'fence' THEN notices.data ->> 'shift' IS NOT NULL AND NOT EXISTS (
                SELECT FROM alarms
                WHERE alarms.shift_id = CAST(notices.data ->> 'shift' AS uuid)
                    AND alarms.kind = notices.data ->> 'alarm' AND alarms.ended_at IS NULL
            )
        END AS over
    FROM notices
    LEFT JOIN cases ON cases.id = notices.case_id
    LEFT JOIN categories ON categories.id = cases.category_id
    LEFT JOIN centres ON centres.id = coalesce(notices.centre_id, cases.centre_id)
    WHERE notices.id = ANY(:ids)
    ORDER BY notices.id
""")


def look(session: Session, ids: Sequence[int], *, now: datetime) -> list[Told]:
    """The notices in the order in which they were written, each with whether it still stands; one statement."""
    if not ids:
        return []
    rows = session.execute(LOOK, {"ids": list(ids), "facts": FACTS, "of_reply": f"^{REPLY_PREFIX}", "now": now})
    return [Told(*row) for row in rows]

"""A batch over HTTP: the lines of an NDJSON text, chunk by chunk, each with its result."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import orjson
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from cases.errors import GroundMoves, NotKept
from cases.intake.lines import NAMES, Line, read_lines, space_of
from cases.intake.many import Handover, Opened, Result, take_many
from core.errors import Invalid, Refusal
from core.settings import Settings
from people.roles import Actor

CHUNK = 2_000
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LineResult:
    """A line's name as its sender calls it, and its answer as JSON text, or why it was refused."""

    name: str | None
    result: bytes | Refusal


def take_lines(engine: Engine, actor: Actor, data: bytes, *, now: datetime, settings: Settings) -> list[LineResult]:
    """Take the reports of an NDJSON text; all are settled when this returns, and so before an answer begins.

    A line's name is its sender's own: two senders may give the same one to different reports. A chunk is one
    transaction: what goes wrong with the database refuses its lines, and the next ones are tried.
    Raises Invalid when there are more lines than one batch may have.
    """
    most = settings.intake.batch_lines
    if data.count(b"\n") > most and sum(1 for _ in read_lines(data)) > most:
        raise Invalid.one("", "too_many", most=most)
    space = NAMES if actor.person_id is None else space_of(f"person:{actor.person_id}")
    return list(_take_chunks(engine, read_lines(data, space), Handover(actor, now, settings)))


def _take_chunks(engine: Engine, lines: Iterator[Line], handover: Handover) -> Iterator[LineResult]:
    while chunk := list(islice(lines, CHUNK)):
        for line, result in zip(chunk, _take_chunk(engine, chunk, handover), strict=True):
            yield LineResult(line.name, _line_answer(line, result) if isinstance(result, Opened) else result)


def _take_chunk(engine: Engine, chunk: Sequence[Line], handover: Handover) -> Sequence[Result]:
    try:
        return take_many(engine, chunk, handover)
    except GroundMoves as refusal:
        return [refusal] * len(chunk)
    except (OperationalError, InterfaceError) as error:
        log.warning("batch", lines=len(chunk), error=str(error.orig))
        return [NotKept()] * len(chunk)


def _line_answer(line: Line, opened: Opened) -> bytes:
    answer = orjson.loads(opened.answer)
    status = 201 if opened.created else 200
    return orjson.dumps({**answer, "report_id": line.name, "status": status})

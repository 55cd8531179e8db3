"""Bulk load: a file of reports of any size, in chunks, by several processes side by side."""

import gc
import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import orjson
from sqlalchemy.exc import DBAPIError

from cases.intake.known import known
from cases.intake.lines import NAMES, Line, read_file
from cases.intake.many import Handover, Result, take_many
from core.db import Sessions
from core.errors import Invalid, Refusal
from core.settings import Settings
from grid.locating import active_grid
from people.roles import Actor

CHUNK = 4_000
SYSTEM = Actor(None, "system", "system", ())


@dataclass
class FileLoaded:
    """What became of the lines: opened by locating method, twins of earlier reports, and refused by reason."""

    opened: Counter[str] = field(default_factory=Counter)
    twins: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    broken: str | None = None
    """Why the rest of the file could not be read or kept; what came before is kept."""

    @property
    def lines(self) -> int:
        """All lines read."""
        return self.opened.total() + self.twins + self.refused.total()

    def add(self, other: "FileLoaded") -> None:
        """Count the lines of another part."""
        self.opened += other.opened
        self.twins += other.twins
        self.refused += other.refused
        self.broken = self.broken or other.broken


def load_reports(
    file: Path, refused_file: Path, *, now: datetime, settings: Settings, processes: int = 2, space: UUID = NAMES
) -> FileLoaded:
    """Open a case for every report of the file, and write the refused ones with their reasons to `refused_file`.

    Each process reads the file and takes every n-th chunk, so that memory does not grow with the file. What is loaded
    stays when a later part breaks: loading the file again skips it as twins. `space` tells whose names the file has.
    """
    with tempfile.TemporaryDirectory() as directory:
        parts = [Path(directory) / f"{number}.ndjson" for number in range(processes)]
        if processes == 1:
            loaded = [_load_part(file, parts[0], 0, 1, now, settings, space)]
        else:
            _warm_up(now, settings)
            fork = multiprocessing.get_context("fork")
            with ProcessPoolExecutor(processes, mp_context=fork) as pool:
                waiting = [
                    pool.submit(_load_part, file, part, number, processes, now, settings, space)
                    for number, part in enumerate(parts)
                ]
                loaded = [future.result() for future in waiting]
        total = FileLoaded()
        for part in loaded:
            total.add(part)
        if total.refused:
            with refused_file.open("wb") as out:
                for path in parts:
                    out.write(path.read_bytes())
    return total


def _warm_up(now: datetime, settings: Settings) -> None:
    """Read grid and rules once for all processes: those that are forked inherit them, and prove them current."""
    sessions = Sessions(settings, application="wangge-load")
    try:
        with sessions.read.connect() as conn:
            known(conn, now=now)
            active_grid(conn)
    except Refusal:
        pass  # each process tells it in its turn
    finally:
        sessions.close()


def _load_part(
    file: Path, part: Path, number: int, of: int, now: datetime, settings: Settings, space: UUID
) -> FileLoaded:
    sessions = Sessions(settings, application="wangge-load")
    handover = Handover(SYSTEM, now, settings, notices=False)
    loaded = FileLoaded()
    try:
        with part.open("wb") as refused, _collecting_seldom() as collect:
            for index, chunk in enumerate(_chunks(read_file(file, space))):
                if index % of == number:
                    _count(loaded, chunk, take_many(sessions.write, chunk, handover), refused)
                    collect()
    except (Refusal, DBAPIError) as error:
        loaded.broken = getattr(error, "reason", None) or str(getattr(error, "orig", error))
    finally:
        sessions.close()
    return loaded


@contextmanager
def _collecting_seldom() -> Iterator[Callable[[], object]]:
    """Look for cycles only when asked: among ten thousands of rows that hold none it takes a third of the time."""
    gc.freeze()
    gc.disable()
    try:
        yield gc.collect
    finally:
        gc.enable()
        gc.unfreeze()


def _chunks(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while chunk := list(islice(lines, CHUNK)):
        yield chunk


def _count(loaded: FileLoaded, chunk: list[Line], results: list[Result], refused: BinaryIO) -> None:
    for line, result in zip(chunk, results, strict=True):
        if isinstance(result, Refusal):
            loaded.refused[_reason(result)] += 1
            told = {"line": line.number, "report_id": line.name, "problem": result.problem, "data": result.data}
            refused.write(orjson.dumps(told, default=str) + b"\n")
        elif result.created:
            loaded.opened[result.method] += 1
        else:
            loaded.twins += 1


def _reason(refusal: Refusal) -> str:
    if type(refusal) is Invalid and refusal.problem == "invalid":
        return ", ".join(sorted({f"{error.field} {error.code}".strip() for error in refusal.errors}))
    return refusal.problem

"""What becomes of a replayed case: verbs with the working time that each takes, made up by a seeded generator.

Shares follow what cities report of themselves (domain §5.4): about nine in ten handled in time, some late, some
rejected, returned or worked over, nearly half of the inspectors' reports handled on the spot.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from cases.models import Source
from cases.stages import Outcome, Verb
from people.roles import Role

STUCK_DAYS = 25
"""Of cases younger than this some are left lying: those are what is overdue today."""


@dataclass(frozen=True)
class Step:
    """A verb, by whom, after how many minutes of the stage's time.

    `share`: at that share of the handling limit; `at`: at that moment, whatever has passed.
    """

    verb: Verb
    role: Role
    minutes: float = 0.0
    share: float | None = None
    at: datetime | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    elsewhere: bool = False
    """At a dispatch: to another department than the one that had it."""
    by: str | None = None
    """The person of the demo who does it; None: somebody in the role."""


REFUSALS = ("不属于本部门职责范围", "权属单位为其他部门,请改派", "现场位置与描述不符,请核对后再派")
REJECTIONS = (("duplicate", "与在办案件重复"), ("no_problem", "现场未见问题"), ("out_of_scope", "不属于网格化管理范围"))
DONE = ("已处置完毕,现场恢复正常", "已清理", "已修复并清理现场", "已整改到位")
FAILED = ("问题仍然存在,请返工", "只清理了一部分", "修补处仍有松动")
SEEN = ("现场核实,情况属实", "属实,请尽快处置")


def story(rng: Random, source: Source, *, age_days: float) -> Iterator[Step]:
    """The steps of one case; whoever walks it stops where the present is reached."""
    fate = rng.random()
    if source is Source.INSPECTOR and fate < 0.45:
        yield Step(Verb.SELF_HANDLE, Role.INSPECTOR, rng.uniform(2, 14), fields={"text": rng.choice(DONE)})
        return
    if age_days < STUCK_DAYS and rng.random() < 0.01:
        return  # nobody takes it, and it climbs
    yield from _opening(rng, source)
    if source in {Source.PUBLIC, Source.HOTLINE} and fate > 0.90:
        yield Step(Verb.VERIFY, Role.INSPECTOR, _in_time(rng, 30), fields={
            "outcome": Outcome.UNFOUNDED, "text": "现场未发现所述问题"
        })  # fmt: skip
        return
    if source in {Source.PUBLIC, Source.HOTLINE}:
        yield Step(Verb.VERIFY, Role.INSPECTOR, _in_time(rng, 30), fields={
            "outcome": Outcome.CONFIRMED, "text": rng.choice(SEEN)
        })  # fmt: skip
    elif fate > 0.96:
        code, reason = rng.choice(REJECTIONS)
        yield Step(Verb.REJECT, Role.ACCEPTOR, _in_time(rng, 15), fields={"reason_code": code, "reason": reason})
        return
    else:
        yield Step(Verb.ACCEPT, Role.ACCEPTOR, _in_time(rng, 15))
    if rng.random() < 0.01:
        yield Step(Verb.REJECT, Role.SHIFT_LEAD, _in_time(rng, 15), fields={
            "reason_code": "already_handled", "reason": "立案前已处理"
        })  # fmt: skip
        return
    yield Step(Verb.FILE, Role.SHIFT_LEAD, _in_time(rng, 15))
    if rng.random() < 0.008:
        yield Step(Verb.CANCEL, Role.SHIFT_LEAD, _in_time(rng, 15), fields={"reason": "重复立案"})
        return
    yield from _work(rng, age_days)


def _opening(rng: Random, source: Source) -> Iterator[Step]:
    if source in {Source.PUBLIC, Source.HOTLINE}:
        yield Step(Verb.SEND_VERIFY, Role.ACCEPTOR, _in_time(rng, 15))


def _work(rng: Random, age_days: float) -> Iterator[Step]:
    yield Step(Verb.DISPATCH, Role.DISPATCHER, _in_time(rng, 15))
    if rng.random() < 0.03:
        yield Step(Verb.REFUSE, Role.HANDLER, _in_time(rng, 30), fields={"reason": rng.choice(REFUSALS)})
        yield Step(Verb.DISPATCH, Role.DISPATCHER, _in_time(rng, 15), elsewhere=rng.random() < 0.7)
    yield Step(Verb.SIGN, Role.HANDLER, _in_time(rng, 10))
    if age_days < STUCK_DAYS and rng.random() < 0.05:
        return  # the department does nothing more
    yield from _finish(rng, _handling_share(rng))
    if rng.random() < 0.04:
        yield from _check(rng, Outcome.FAILED, rng.choice(FAILED))
        yield Step(Verb.DISPATCH, Role.DISPATCHER, _in_time(rng, 15))
        yield Step(Verb.SIGN, Role.HANDLER, _in_time(rng, 10))
        yield from _finish(rng, rng.uniform(0.1, 0.8))
    yield from _check(rng, Outcome.PASSED, "现场已恢复")
    yield Step(Verb.CLOSE, Role.SHIFT_LEAD, _in_time(rng, 30))


def _finish(rng: Random, share: float) -> Iterator[Step]:
    yield Step(Verb.FINISH, Role.HANDLER, share=share, fields={"text": rng.choice(DONE)})


def _check(rng: Random, outcome: Outcome, text: str) -> Iterator[Step]:
    yield Step(Verb.SEND_CHECK, Role.ACCEPTOR, _in_time(rng, 15))
    yield Step(Verb.CHECK, Role.INSPECTOR, _in_time(rng, 60), fields={"outcome": outcome, "text": text})


def _handling_share(rng: Random) -> float:
    """How much of its limit a department uses: nine in ten are in time, one in fifty goes up to the district."""
    kind = rng.random()
    if kind < 0.91:
        return rng.betavariate(2.0, 2.9) * 0.98
    return rng.uniform(1.02, 1.45) if kind < 0.98 else rng.uniform(1.5, 2.6)


def _in_time(rng: Random, limit: float) -> float:
    """Minutes that a centre's own step takes: nearly always within its limit."""
    return rng.uniform(0.05, 0.78) * limit if rng.random() < 0.96 else rng.uniform(0.85, 1.4) * limit

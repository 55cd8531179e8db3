"""Stages, verbs, and (stage, verb, outcome) → stage with what it does to the clocks, as data (domain §4.2, §4.3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Where a case stands (阶段)."""

    REPORTED = "reported"
    VERIFYING = "verifying"
    PENDING_FILING = "pending_filing"
    PENDING_DISPATCH = "pending_dispatch"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    SUSPENDED = "suspended"
    HANDLED = "handled"
    CHECKING = "checking"
    PENDING_CLOSING = "pending_closing"
    CLOSED = "closed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Verb(StrEnum):
    """What moves a case (操作)."""

    SELF_HANDLE = "self_handle"
    SEND_VERIFY = "send_verify"
    VERIFY = "verify"
    ACCEPT = "accept"
    REJECT = "reject"
    FILE = "file"
    SEND_BACK = "send_back"
    DISPATCH = "dispatch"
    SIGN = "sign"
    REFUSE = "refuse"
    FINISH = "finish"
    SEND_CHECK = "send_check"
    CHECK = "check"
    CLOSE = "close"
    FORCE_CLOSE = "force_close"
    CANCEL = "cancel"
    REOPEN = "reopen"
    REQUEST_EXTENSION = "request_extension"
    DECIDE_EXTENSION = "decide_extension"
    REQUEST_SUSPENSION = "request_suspension"
    DECIDE_SUSPENSION = "decide_suspension"
    RESUME = "resume"
    PASS_UP = "pass_up"
    URGE = "urge"
    SUPERVISE = "supervise"
    REPLY_SUPERVISION = "reply_supervision"
    MERGE = "merge"
    RECATEGORISE = "recategorise"
    RELOCATE = "relocate"
    NOTE = "note"
    APPEAL = "appeal"
    DECIDE_APPEAL = "decide_appeal"


class Outcome(StrEnum):
    """What a verb that answers a question found (结果)."""

    CONFIRMED = "confirmed"
    UNFOUNDED = "unfounded"
    PASSED = "passed"
    FAILED = "failed"
    GRANTED = "granted"
    DENIED = "denied"
    # not named by a person, but found by the door
    ENDORSED = "endorsed"  # approved, and somebody else decides next
    ASKED = "asked"  # the deed needs an approval, and that has been asked for
    PART = "part"  # one of several departments has done its part
    STEP = "step"  # the first of two limits in a row is done
    MOVED = "moved"  # another centre or department answers now


class ClockKind(StrEnum):
    """Which limit a clock keeps (时限)."""

    ACCEPT = "accept"
    VERIFY = "verify"
    FILE = "file"
    DISPATCH = "dispatch"
    SIGN = "sign"
    HANDLE = "handle"
    SEND_CHECK = "send_check"
    CHECK = "check"
    CLOSE = "close"
    REPLY = "reply"  # to a supervision order, beside the stage's own


class CloseType(StrEnum):
    """How a case was closed (结案类型, domain §4.2)."""

    NORMAL = "normal"
    OVERDUE = "overdue"
    ERROR = "error"
    SPECIAL = "special"
    FORCED = "forced"
    SELF_HANDLED = "self_handled"
    INFORMED = "informed"


class Act(StrEnum):
    """What is done to a clock."""

    START = "start"
    PAUSE = "pause"
    STOP = "stop"
    CONTINUE = "continue"  # the same department again: resume; another, or none yet: start anew
    EXTEND = "extend"
    REPLAN = "replan"
    REVIVE = "revive"  # the end that halted it is taken back: it rests with what was used
    PAUSE_ALL = "pause_all"
    RESUME_ALL = "resume_all"
    STOP_ALL = "stop_all"


@dataclass(frozen=True)
class ClockEffect:
    """One step on one clock; `kind` None means all open clocks of the case."""

    act: Act
    kind: ClockKind | None = None


@dataclass(frozen=True)
class Transition:
    """Where a verb leads and what it does to the clocks, in this order."""

    to: Stage
    clocks: tuple[ClockEffect, ...] = ()


Key = tuple[Stage, Verb, Outcome | None]

NAMED: dict[Verb, tuple[Outcome, ...]] = {
    Verb.VERIFY: (Outcome.CONFIRMED, Outcome.UNFOUNDED),
    Verb.CHECK: (Outcome.PASSED, Outcome.FAILED),
    Verb.DECIDE_EXTENSION: (Outcome.GRANTED, Outcome.DENIED),
    Verb.DECIDE_SUSPENSION: (Outcome.GRANTED, Outcome.DENIED),
    Verb.DECIDE_APPEAL: (Outcome.GRANTED, Outcome.DENIED),
    Verb.CANCEL: (Outcome.GRANTED, Outcome.DENIED),
    Verb.FORCE_CLOSE: (Outcome.GRANTED, Outcome.DENIED),
}
"""The outcomes that a person names in the field `outcome`."""

MAY_BE_UNNAMED = frozenset({Verb.CANCEL, Verb.FORCE_CLOSE})
"""Without a word the deed itself is meant."""

OUTCOMES: dict[Verb, tuple[Outcome | None, ...]] = {
    Verb.VERIFY: NAMED[Verb.VERIFY],
    Verb.CHECK: NAMED[Verb.CHECK],
    Verb.DECIDE_EXTENSION: (Outcome.GRANTED, Outcome.DENIED, Outcome.ENDORSED),
    Verb.DECIDE_SUSPENSION: (Outcome.GRANTED, Outcome.DENIED, Outcome.ENDORSED),
    Verb.DECIDE_APPEAL: (Outcome.GRANTED, Outcome.DENIED, Outcome.ENDORSED),
    Verb.CANCEL: (None, Outcome.ASKED, Outcome.DENIED),
    Verb.FORCE_CLOSE: (None, Outcome.ASKED, Outcome.DENIED),
    Verb.SIGN: (None, Outcome.PART),
    Verb.REFUSE: (None, Outcome.PART),
    Verb.FINISH: (None, Outcome.PART, Outcome.STEP),
    Verb.RESUME: (None, Outcome.MOVED),
    Verb.RECATEGORISE: (None, Outcome.MOVED),
    Verb.RELOCATE: (None, Outcome.MOVED),
}
"""Verbs that branch; every other verb's key carries None. What no person names, the door finds (cases/handling)."""

BEFORE_FILING = frozenset({Stage.REPORTED, Stage.VERIFYING, Stage.PENDING_FILING})
BEFORE_WORK = frozenset({Stage.PENDING_DISPATCH, Stage.DISPATCHED})
AT_WORK = frozenset({Stage.HANDLING, Stage.SUSPENDED})
IN_HAND = frozenset({Stage.DISPATCHED, Stage.HANDLING})
AFTER_WORK = frozenset({Stage.HANDLED, Stage.CHECKING, Stage.PENDING_CLOSING})
ENDED = frozenset({Stage.CLOSED, Stage.REJECTED, Stage.CANCELLED})
FILED = BEFORE_WORK | AT_WORK | AFTER_WORK
OPEN = BEFORE_FILING | FILED
EVERY = OPEN | ENDED


def _start(kind: ClockKind) -> ClockEffect:
    return ClockEffect(Act.START, kind)


def _stop(kind: ClockKind) -> ClockEffect:
    return ClockEffect(Act.STOP, kind)


PAUSE_ACCEPT = ClockEffect(Act.PAUSE, ClockKind.ACCEPT)
PAUSE_HANDLE = ClockEffect(Act.PAUSE, ClockKind.HANDLE)
CONTINUE_HANDLE = ClockEffect(Act.CONTINUE, ClockKind.HANDLE)
EXTEND_HANDLE = ClockEffect(Act.EXTEND, ClockKind.HANDLE)
REPLAN_HANDLE = ClockEffect(Act.REPLAN, ClockKind.HANDLE)
REVIVE_HANDLE = ClockEffect(Act.REVIVE, ClockKind.HANDLE)
PAUSE_ALL = ClockEffect(Act.PAUSE_ALL)
RESUME_ALL = ClockEffect(Act.RESUME_ALL)
STOP_ALL = ClockEffect(Act.STOP_ALL)

_K = ClockKind
_Row = tuple[Verb, Outcome | None, frozenset[Stage], Stage | None, tuple[ClockEffect, ...]]


def _row(
    verb: Verb, stages: Stage | frozenset[Stage], to: Stage | None, *clocks: ClockEffect, outcome: Outcome | None = None
) -> _Row:
    """One line of domain §4.3; `to` None means that the case stays where it is."""
    return verb, outcome, frozenset({stages}) if isinstance(stages, Stage) else stages, to, clocks


_ROWS: tuple[_Row, ...] = (
    # before filing
    _row(Verb.SELF_HANDLE, Stage.REPORTED, Stage.CLOSED, STOP_ALL),
    _row(Verb.SEND_VERIFY, Stage.REPORTED, Stage.VERIFYING, PAUSE_ACCEPT, _start(_K.VERIFY)),
    # The accept clock rested while the question was in the field, and with the answer the acceptance is done: it is
    # stopped where it rests, so that the field's time never counts against the acceptor.
    _row(
        Verb.VERIFY, Stage.VERIFYING, Stage.PENDING_FILING,
        _stop(_K.VERIFY), _stop(_K.ACCEPT), _start(_K.FILE), outcome=Outcome.CONFIRMED,
    ),
    _row(Verb.VERIFY, Stage.VERIFYING, Stage.REJECTED, STOP_ALL, outcome=Outcome.UNFOUNDED),
    _row(Verb.ACCEPT, Stage.REPORTED, Stage.PENDING_FILING, _stop(_K.ACCEPT), _start(_K.FILE)),
    _row(Verb.REJECT, BEFORE_FILING, Stage.REJECTED, STOP_ALL),
    _row(Verb.MERGE, BEFORE_FILING, Stage.REJECTED, STOP_ALL),
    _row(Verb.MERGE, BEFORE_WORK, Stage.CANCELLED, STOP_ALL),
    _row(Verb.MERGE, Stage.REJECTED, Stage.REPORTED, _start(_K.ACCEPT)),  # taken back: no duplicate after all
    _row(Verb.MERGE, Stage.CANCELLED, Stage.PENDING_DISPATCH, REVIVE_HANDLE, _start(_K.DISPATCH)),
    _row(Verb.FILE, Stage.PENDING_FILING, Stage.PENDING_DISPATCH, _stop(_K.FILE), _start(_K.DISPATCH)),
    _row(Verb.SEND_BACK, Stage.PENDING_FILING, Stage.REPORTED, _stop(_K.FILE), _start(_K.ACCEPT)),
    # After a return the handle clock rests; the case will be filed anew, so that it ends here. Orders stay open.
    _row(
        Verb.SEND_BACK, Stage.PENDING_DISPATCH, Stage.REPORTED,
        _stop(_K.DISPATCH), _stop(_K.HANDLE), _start(_K.ACCEPT),
    ),
    # dispatch and work
    _row(
        Verb.DISPATCH, Stage.PENDING_DISPATCH, Stage.DISPATCHED,
        _stop(_K.DISPATCH), CONTINUE_HANDLE, _start(_K.SIGN),
    ),
    _row(Verb.DISPATCH, Stage.HANDLING, Stage.HANDLING),  # to a unit below the department (二级派遣)
    _row(Verb.SIGN, Stage.DISPATCHED, Stage.HANDLING, _stop(_K.SIGN)),
    _row(Verb.SIGN, IN_HAND, None, outcome=Outcome.PART),
    _row(
        Verb.REFUSE, Stage.DISPATCHED, Stage.PENDING_DISPATCH, _stop(_K.SIGN), PAUSE_HANDLE, _start(_K.DISPATCH)
    ),
    _row(Verb.REFUSE, IN_HAND, None, outcome=Outcome.PART),
    _row(Verb.REQUEST_EXTENSION, Stage.HANDLING, None),
    _row(Verb.DECIDE_EXTENSION, Stage.HANDLING, None, EXTEND_HANDLE, outcome=Outcome.GRANTED),
    _row(Verb.DECIDE_EXTENSION, Stage.HANDLING, None, outcome=Outcome.DENIED),
    _row(Verb.DECIDE_EXTENSION, Stage.HANDLING, None, outcome=Outcome.ENDORSED),
    _row(Verb.REQUEST_SUSPENSION, Stage.HANDLING, None),
    _row(Verb.DECIDE_SUSPENSION, Stage.HANDLING, Stage.SUSPENDED, PAUSE_ALL, outcome=Outcome.GRANTED),
    _row(Verb.DECIDE_SUSPENSION, Stage.HANDLING, None, outcome=Outcome.DENIED),
    _row(Verb.DECIDE_SUSPENSION, Stage.HANDLING, None, outcome=Outcome.ENDORSED),
    _row(Verb.RESUME, Stage.SUSPENDED, Stage.HANDLING, RESUME_ALL),
    # It has moved while it rested: the department lost it then, and is not given it back.
    _row(
        Verb.RESUME, Stage.SUSPENDED, Stage.PENDING_DISPATCH,
        RESUME_ALL, PAUSE_HANDLE, _start(_K.DISPATCH), outcome=Outcome.MOVED,
    ),
    _row(Verb.FINISH, Stage.HANDLING, Stage.HANDLED, _stop(_K.HANDLE), _start(_K.SEND_CHECK)),
    _row(Verb.FINISH, IN_HAND, None, outcome=Outcome.PART),
    _row(Verb.FINISH, Stage.HANDLING, None, _stop(_K.HANDLE), _start(_K.HANDLE), outcome=Outcome.STEP),
    # check and close
    _row(Verb.SEND_CHECK, Stage.HANDLED, Stage.CHECKING, _stop(_K.SEND_CHECK), _start(_K.CHECK)),
    _row(
        Verb.CHECK, Stage.CHECKING, Stage.PENDING_CLOSING,
        _stop(_K.CHECK), _start(_K.CLOSE), outcome=Outcome.PASSED,
    ),
    _row(
        Verb.CHECK, Stage.CHECKING, Stage.PENDING_DISPATCH,
        _stop(_K.CHECK), _start(_K.DISPATCH), outcome=Outcome.FAILED,
    ),
    _row(Verb.CLOSE, Stage.PENDING_CLOSING, Stage.CLOSED, STOP_ALL),
    _row(Verb.FORCE_CLOSE, FILED, Stage.CLOSED, STOP_ALL),
    _row(Verb.FORCE_CLOSE, FILED, None, outcome=Outcome.ASKED),
    _row(Verb.FORCE_CLOSE, FILED, None, outcome=Outcome.DENIED),
    _row(Verb.CANCEL, BEFORE_FILING | BEFORE_WORK, Stage.CANCELLED, STOP_ALL),
    _row(Verb.CANCEL, BEFORE_FILING | BEFORE_WORK, None, outcome=Outcome.ASKED),
    _row(Verb.CANCEL, BEFORE_FILING | BEFORE_WORK, None, outcome=Outcome.DENIED),
    _row(Verb.REOPEN, Stage.CLOSED, Stage.PENDING_DISPATCH, _start(_K.DISPATCH)),
    _row(Verb.APPEAL, Stage.CLOSED, None),
    _row(Verb.DECIDE_APPEAL, Stage.CLOSED, None, outcome=Outcome.GRANTED),
    _row(Verb.DECIDE_APPEAL, Stage.CLOSED, None, outcome=Outcome.DENIED),
    _row(Verb.DECIDE_APPEAL, Stage.CLOSED, None, outcome=Outcome.ENDORSED),
    # whatever the stage
    _row(Verb.PASS_UP, BEFORE_FILING | AFTER_WORK | {Stage.SUSPENDED}, None),
    _row(Verb.PASS_UP, Stage.PENDING_DISPATCH, None, _stop(_K.DISPATCH), _start(_K.DISPATCH)),
    _row(Verb.PASS_UP, IN_HAND, Stage.PENDING_DISPATCH, _stop(_K.SIGN), PAUSE_HANDLE, _start(_K.DISPATCH)),
    _row(Verb.URGE, OPEN, None),
    _row(Verb.SUPERVISE, OPEN, None),
    _row(Verb.REPLY_SUPERVISION, OPEN, None),
    _row(Verb.RECATEGORISE, OPEN, None, REPLAN_HANDLE),
    _row(Verb.RELOCATE, OPEN, None, REPLAN_HANDLE),
    *(
        _row(
            verb, IN_HAND, Stage.PENDING_DISPATCH,
            _stop(_K.SIGN), REPLAN_HANDLE, PAUSE_HANDLE, _start(_K.DISPATCH), outcome=Outcome.MOVED,
        )
        for verb in (Verb.RECATEGORISE, Verb.RELOCATE)
    ),
    *(  # rests until its day all the same, and is dispatched then
        _row(verb, Stage.SUSPENDED, None, REPLAN_HANDLE, outcome=Outcome.MOVED)
        for verb in (Verb.RECATEGORISE, Verb.RELOCATE)
    ),
    _row(Verb.NOTE, EVERY, None),
)  # fmt: skip

IMPOSSIBLE: dict[Verb, frozenset[Stage]] = {
    Verb.SELF_HANDLE: EVERY - {Stage.REPORTED},
    Verb.SEND_VERIFY: EVERY - {Stage.REPORTED},
    Verb.VERIFY: EVERY - {Stage.VERIFYING},
    Verb.ACCEPT: EVERY - {Stage.REPORTED},
    Verb.REJECT: BEFORE_WORK | AT_WORK | AFTER_WORK | ENDED,
    Verb.MERGE: AT_WORK | AFTER_WORK | {Stage.CLOSED},
    Verb.FILE: EVERY - {Stage.PENDING_FILING},
    Verb.SEND_BACK: EVERY - {Stage.PENDING_FILING, Stage.PENDING_DISPATCH},
    Verb.DISPATCH: EVERY - {Stage.PENDING_DISPATCH, Stage.HANDLING},
    Verb.SIGN: EVERY - IN_HAND,
    Verb.REFUSE: EVERY - IN_HAND,
    Verb.REQUEST_EXTENSION: EVERY - {Stage.HANDLING},
    Verb.DECIDE_EXTENSION: EVERY - {Stage.HANDLING},
    Verb.REQUEST_SUSPENSION: EVERY - {Stage.HANDLING},
    Verb.DECIDE_SUSPENSION: EVERY - {Stage.HANDLING},
    Verb.RESUME: EVERY - {Stage.SUSPENDED},
    Verb.FINISH: EVERY - IN_HAND,
    Verb.SEND_CHECK: EVERY - {Stage.HANDLED},
    Verb.CHECK: EVERY - {Stage.CHECKING},
    Verb.CLOSE: EVERY - {Stage.PENDING_CLOSING},
    Verb.FORCE_CLOSE: BEFORE_FILING | ENDED,
    Verb.CANCEL: AT_WORK | AFTER_WORK | ENDED,
    Verb.REOPEN: OPEN | {Stage.REJECTED, Stage.CANCELLED},
    Verb.PASS_UP: ENDED,
    Verb.URGE: ENDED,
    Verb.SUPERVISE: ENDED,
    Verb.REPLY_SUPERVISION: ENDED,
    Verb.RECATEGORISE: ENDED,
    Verb.RELOCATE: ENDED,
    Verb.NOTE: frozenset(),
    Verb.APPEAL: EVERY - {Stage.CLOSED},
    Verb.DECIDE_APPEAL: EVERY - {Stage.CLOSED},
}
"""Where a verb can never be done, written down so that nothing is impossible by having been forgotten."""

NEVER: frozenset[Key] = frozenset(
    {
        (Stage.HANDLING, Verb.SIGN, None),
        (Stage.HANDLING, Verb.REFUSE, None),
        (Stage.DISPATCHED, Verb.FINISH, None),
        (Stage.DISPATCHED, Verb.FINISH, Outcome.STEP),
    }
    | {
        (stage, verb, Outcome.MOVED)
        for stage in OPEN - IN_HAND - {Stage.SUSPENDED}
        for verb in (Verb.RECATEGORISE, Verb.RELOCATE)
    }
)  # fmt: skip
"""Outcomes that cannot be found at a stage which knows the verb: written down like IMPOSSIBLE."""


def _spread(rows: tuple[_Row, ...]) -> Iterator[tuple[Key, Transition]]:
    for verb, outcome, stages, to, clocks in rows:
        for stage in stages:
            yield (stage, verb, outcome), Transition(stage if to is None else to, clocks)


TABLE: dict[Key, Transition] = dict(_spread(_ROWS))
"""(stage, verb, outcome) → transition; a key that is missing here stands in IMPOSSIBLE or NEVER."""


def outcomes(verb: Verb) -> tuple[Outcome | None, ...]:
    """The outcomes that the verb's key may carry: (None,) when it doesn't branch."""
    return OUTCOMES.get(verb, (None,))


def keys() -> Iterator[Key]:
    """Every (stage, verb, outcome) that there could be."""
    return ((stage, verb, outcome) for stage in Stage for verb in Verb for outcome in outcomes(verb))


def transition(stage: Stage, verb: Verb, outcome: Outcome | None = None) -> Transition | None:
    """The transition, or None where the verb cannot be done."""
    return TABLE.get((stage, verb, outcome))


def is_possible(stage: Stage, verb: Verb) -> bool:
    """Whether the stage knows the verb at all, whatever its outcome."""
    return stage not in IMPOSSIBLE[verb]

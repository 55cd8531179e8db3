"""Stages, verbs, and (stage, verb, outcome) → stage as data (domain §4.2, §4.3)."""

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


class CloseType(StrEnum):
    """How a case was closed (结案类型, domain §4.2)."""

    NORMAL = "normal"
    OVERDUE = "overdue"
    ERROR = "error"
    SPECIAL = "special"
    FORCED = "forced"
    SELF_HANDLED = "self_handled"
    INFORMED = "informed"

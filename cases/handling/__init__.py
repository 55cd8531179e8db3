"""The one door for every verb after the report: may they? can it be? change, clocks, event, notices."""

from cases.handling.door import allowed_verbs, check_verb, differences, may_verb, perform
from cases.handling.merging import lock_together
from cases.handling.work import Look, lock_and_look

__all__ = [
    "Look",
    "allowed_verbs",
    "check_verb",
    "differences",
    "lock_and_look",
    "lock_together",
    "may_verb",
    "perform",
]

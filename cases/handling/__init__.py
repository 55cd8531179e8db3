"""The one door for every verb after the report: may they? can it be? change, clocks, event, notices."""

from cases.handling.door import allowed_verbs, check_verb, differences, may_verb, perform
from cases.handling.work import Look, look

__all__ = ["Look", "allowed_verbs", "check_verb", "differences", "look", "may_verb", "perform"]

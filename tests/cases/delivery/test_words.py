"""What messages call things: whatever may be told has words in both languages."""

import pytest
from sqlalchemy.orm import Session

from cases.calendars import REPLY_PREFIX, calendars
from cases.delivery.words import kind_words
from cases.notices import NoticeKind
from cases.stages import ClockKind


def assert_worded(kind: str) -> None:
    zh, en = kind_words(kind)
    assert not zh.isascii(), f"{kind} is not Chinese"
    assert en.strip(), f"{kind} has no English"
    assert en != kind, f"{kind} has no English"


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_every_kind_of_notice_has_words_in_both_languages(kind: NoticeKind) -> None:
    assert_worded(kind.value)


def test_every_rung_that_the_ladder_begins_with_has_words_in_both_languages(session: Session) -> None:
    ladder = calendars(session).ladder
    told = {step.name for kind in ClockKind for urgent in (False, True) for step in ladder.steps(kind, urgent=urgent)}
    assert told >= {"warn", "supervise_3", f"{REPLY_PREFIX}warn", f"{REPLY_PREFIX}urge"}
    for name in sorted(told):
        assert_worded(name)


def test_a_rung_that_an_administrator_has_named_is_called_as_they_named_it() -> None:
    assert kind_words("very_late") == ("very_late", "very_late")

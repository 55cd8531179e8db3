"""What things are called: everything that a sentence may name has words in both languages that fit the sentence."""

import re
import string
from enum import StrEnum

import pytest

from cases.delivery.troubles import Trouble
from cases.models import Approver, Channel, DeliveryState, HandlingState, OrderKind, RequestKind, RequestState
from cases.models.clock import ClockState
from cases.permissions import Relation
from cases.stages import ClockKind, CloseType, Outcome, Stage, Verb
from cases.workdays import Unit
from grid.levels import Level
from grid.models import EditionState
from people.models import Mail
from people.roles import Role
from web.words import LANGUAGES, catalogue, field_words, name_entry, names_of, problem_words

NAMED: list[tuple[type[StrEnum], str]] = [
    (Stage, ""), (Verb, ""), (Role, ""), (Approver, ""), (Outcome, ""), (ClockKind, ""), (ClockState, ""),
    (CloseType, ""), (Unit, ""), (Level, ""), (Relation, "relation"), (RequestKind, "request"),
    (RequestState, "request"), (OrderKind, "order"), (HandlingState, "handling"), (DeliveryState, "delivery"),
    (Channel, "channel"), (Trouble, "trouble"), (Mail, "mail"), (EditionState, "edition"),
]  # fmt: skip


@pytest.mark.parametrize(("enum", "kind"), NAMED, ids=[enum.__name__ for enum, _ in NAMED])
def test_every_name_that_a_sentence_may_ask_for_has_words_in_both_languages(enum: type[StrEnum], kind: str) -> None:
    for member in enum:
        entry = name_entry(member.value, kind)
        assert entry is not None, f"{enum.__name__}.{member.name} has no words"
        assert all(entry[language].strip() for language in LANGUAGES)
        assert not entry["zh"].isascii(), f"{enum.__name__}.{member.name} is not Chinese"


@pytest.mark.parametrize("relation", list(Relation))
def test_a_refusal_names_whoever_may_in_both_languages(relation: Relation) -> None:
    who = [{"role": "shift_lead", "relation": relation.value, "centre": {"code": "1", "name": "南京东路街道"}}]
    for language in LANGUAGES:
        _, detail = problem_words("not-allowed-verb", language, {"verb": "reply_supervision", "who": who})
        assert names_of("shift_lead", language) in detail


def test_every_sentence_asks_for_names_in_its_own_language() -> None:
    for name, entry in catalogue("problems").items():
        for language in LANGUAGES:
            asked = {spec for _, _, spec, _ in string.Formatter().parse(entry[f"{language}_detail"]) if spec}
            assert all(spec.partition("/")[0] == language for spec in asked), name


@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("problem", ["wrong-stage", "not-allowed-verb"])
def test_a_verb_stands_in_an_english_sentence_as_what_it_is_called(problem: str, verb: Verb) -> None:
    who = [{"role": "handler", "relation": "sight", "centre": {"code": "1", "name": "X"}}]
    data = {"verb": verb.value, "stage": "closed", "possible": ["note"], "who": who}
    detail = problem_words(problem, "en", data)[1]
    assert f"“{names_of(verb, 'en')}”" in detail
    assert " it." not in detail


def test_a_request_that_was_decided_is_not_said_to_wait_for_anybody() -> None:
    data = {"kind": "appeal", "awaits": None, "because": "decided", "state": "denied"}
    said = [problem_words("already-asked", language, data)[1] for language in LANGUAGES]
    assert said == [
        "“超时申诉”只能提出一次;此前的申请结果:不同意。",
        "This is asked for only once (appeal). What became of it: denied.",
    ]


def test_what_nobody_knows_is_a_dash_and_never_none() -> None:
    assert [names_of(None, language) for language in LANGUAGES] == ["–", "–"]
    assert names_of({"relation": "newer", "role": "handler", "centre": {"name": "X"}}, "en") == "newer"


def test_a_messages_state_is_said_in_the_readers_language() -> None:
    said = [problem_words("not-to-be-sent", language, {"state": "withdrawn"})[1] for language in LANGUAGES]
    assert ["“已撤回”" in said[0], said[1].endswith("is withdrawn.")] == [True, True]


@pytest.mark.parametrize(
    ("code", "data", "words"),
    [
        ("too_short", {"least": 1}, "At least 1 character"),
        ("too_short", {"least": 2}, "At least 2 characters"),
        ("too_few", {"least": 1}, "At least 1 item"),
        ("too_many", {"most": 1}, "At most 1 item"),
        ("too_few_photos", {"least": 1, "given": 0}, "At least 1 photo; 0 given"),
        ("too_few_photos", {"least": 2, "given": 0}, "At least 2 photos; 0 given"),
        ("in_future", {"minutes": 1}, "More than 1 minute ahead of the server"),
        ("too_long_a_time", {"hours": 48}, "At most 48 hours at once"),
    ],
)
def test_one_is_one_and_more_are_more_in_english(code: str, data: dict[str, int], words: str) -> None:
    assert field_words(code, "en", data) == words


def test_no_english_sentence_puts_a_number_before_a_plural_that_stays() -> None:
    for name, entry in catalogue("fields").items():
        assert not re.search(r"\{(most|least|minutes|hours|days|years|cells|bytes)\} \w+s\b", entry["en"]), name

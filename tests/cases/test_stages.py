from collections import Counter

import pytest

from cases.stages import (
    _ROWS,
    ENDED,
    EVERY,
    IMPOSSIBLE,
    NEVER,
    OPEN,
    OUTCOMES,
    TABLE,
    Act,
    ClockKind,
    Key,
    Outcome,
    Stage,
    Verb,
    is_possible,
    keys,
    outcomes,
    transition,
)


def test_the_groups_of_stages_are_all_stages_once() -> None:
    assert set(Stage) == EVERY
    assert not OPEN & ENDED


@pytest.mark.parametrize("key", list(keys()), ids=lambda key: "-".join(str(part) for part in key))
def test_every_stage_verb_and_outcome_leads_somewhere_or_is_impossible_on_purpose(key: Key) -> None:
    stage, verb, _ = key
    assert (key in TABLE) != (stage in IMPOSSIBLE[verb] or key in NEVER)
    assert (transition(*key) is not None) == (key in TABLE)


def test_a_stage_knows_a_verb_when_at_least_one_of_its_outcomes_leads_somewhere() -> None:
    for stage in Stage:
        for verb in Verb:
            assert is_possible(stage, verb) == any((stage, verb, outcome) in TABLE for outcome in outcomes(verb))


def test_nothing_stands_in_the_table_that_could_never_be_asked() -> None:
    assert set(TABLE) <= set(keys())
    assert set(IMPOSSIBLE) == set(Verb)


def test_no_row_hides_another() -> None:
    spread = Counter((stage, verb, outcome) for verb, outcome, stages, _, _ in _ROWS for stage in stages)
    assert max(spread.values()) == 1


def test_every_stage_but_the_first_is_reached_and_every_open_one_is_left() -> None:
    moves = {(key[0], found.to) for key, found in TABLE.items() if key[0] is not found.to}
    assert {to for _, to in moves} == set(Stage)  # `reported` by sending back
    assert {stage for stage, _ in moves} == set(Stage)  # closed by reopening, the others by taking a merger back


@pytest.mark.parametrize("stage", sorted(OPEN))
def test_from_every_open_stage_the_case_can_come_to_an_end(stage: Stage) -> None:
    reached = {stage}
    while True:
        further = {found.to for key, found in TABLE.items() if key[0] in reached} - reached
        if not further:
            break
        reached |= further
    assert Stage.CLOSED in reached


def test_a_verb_without_an_outcome_has_none_and_the_others_all_of_theirs() -> None:
    for verb in Verb:
        assert outcomes(verb) == OUTCOMES.get(verb, (None,))
    assert outcomes(Verb.CHECK) == (Outcome.PASSED, Outcome.FAILED)


def test_an_end_stops_every_clock() -> None:
    for (stage, _, _), found in TABLE.items():
        if found.to in ENDED and stage not in ENDED:
            assert [effect.act for effect in found.clocks] == [Act.STOP_ALL]


# Which clocks are open at a stage (running or paused), and which of them burns.
CLOCKS: dict[Stage, set[ClockKind]] = {
    Stage.REPORTED: {ClockKind.ACCEPT},
    Stage.VERIFYING: {ClockKind.ACCEPT, ClockKind.VERIFY},
    Stage.PENDING_FILING: {ClockKind.FILE},
    Stage.PENDING_DISPATCH: {ClockKind.DISPATCH},
    Stage.DISPATCHED: {ClockKind.SIGN, ClockKind.HANDLE},
    Stage.HANDLING: {ClockKind.HANDLE},
    Stage.SUSPENDED: {ClockKind.HANDLE},
    Stage.HANDLED: {ClockKind.SEND_CHECK},
    Stage.CHECKING: {ClockKind.CHECK},
    Stage.PENDING_CLOSING: {ClockKind.CLOSE},
    Stage.CLOSED: set(),
    Stage.REJECTED: set(),
    Stage.CANCELLED: set(),
}


def _clocks_after(key: Key, resting_handle: bool) -> set[ClockKind]:
    clocks = set(CLOCKS[key[0]]) | ({ClockKind.HANDLE} if resting_handle else set())
    for effect in TABLE[key].clocks:
        match effect.act:
            case Act.START:
                assert effect.kind is not None
                assert effect.kind not in clocks, "one open clock of a kind"
                clocks.add(effect.kind)
            case Act.CONTINUE | Act.REVIVE:
                clocks.add(ClockKind.HANDLE)
            case Act.STOP:
                clocks.discard(effect.kind or ClockKind.HANDLE)
            case Act.STOP_ALL:
                clocks.clear()
            case _:
                pass
    return clocks


@pytest.mark.parametrize("key", sorted(TABLE, key=str), ids=lambda key: "-".join(str(part) for part in key))
@pytest.mark.parametrize("resting_handle", [False, True])
def test_a_transition_leaves_exactly_the_clocks_that_the_next_stage_needs(key: Key, resting_handle: bool) -> None:
    if resting_handle and key[0] is not Stage.PENDING_DISPATCH:
        return
    rests = {ClockKind.HANDLE} if TABLE[key].to is Stage.PENDING_DISPATCH else set()
    assert _clocks_after(key, resting_handle) - rests == CLOCKS[TABLE[key].to] - rests

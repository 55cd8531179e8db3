"""An overrun that was not the department's fault (超时申诉)."""

import pytest
from sqlalchemy import func, select

from cases.errors import AlreadyAsked, NothingToAppeal, NotYourTurn
from cases.measures import MEASURES, condition
from cases.models import Approver, Case, RequestState
from cases.stages import CloseType, Stage, Verb
from core.errors import NotAllowed
from people.roles import Role
from tests.cases.handling.looks import last_event, last_notices, refused
from tests.cases.handling.test_extending import asked, verbs
from tests.make import Town, photos


def late(town: Town) -> Case:
    """Handled an hour too late, and closed."""
    case = town.case(Stage.HANDLING)
    town.move(hours=3)
    for verb in (Verb.FINISH, Verb.SEND_CHECK, Verb.CHECK, Verb.CLOSE):
        town.do(verb, case)
    return case


def counted(town: Town, case: Case) -> set[str]:
    """The measures that the case counts for."""
    return {
        name
        for name in MEASURES
        if town.session.scalar(
            select(func.count()).select_from(Case).where(Case.id == case.id, condition(name, now=town.now))
        )
    }


def test_only_an_overrun_is_appealed_and_only_by_its_department(town: Town) -> None:
    in_time = town.case(Stage.CLOSED)
    assert Verb.APPEAL not in verbs(town, in_time, "handler")
    with pytest.raises(NothingToAppeal):
        town.do(Verb.APPEAL, in_time)
    case = late(town)
    with pytest.raises(NotAllowed):
        town.do(Verb.APPEAL, case, "green_handler")
    assert refused(town, Verb.APPEAL, case, reason=" ") == {"reason": "required"}
    town.do(Verb.APPEAL, case, reason="业主不让进", photos=photos())
    assert asked(town, case) == [(RequestState.OPEN, Approver.DISPATCHER)]
    assert [notice.role for notice in last_notices(town, case)] == [Role.DISPATCHER]
    assert len(last_event(town, case).data["photos"]) == 1
    assert case.stage is Stage.CLOSED


def test_a_granted_appeal_leaves_the_case_out_of_the_numbers_and_the_fact_on_record(town: Town) -> None:
    case = late(town)
    assert "overdue_closed_num" in counted(town, case)
    town.do(Verb.APPEAL, case)
    with pytest.raises(NotYourTurn):
        town.do(Verb.DECIDE_APPEAL, case, "acceptor")
    town.do(Verb.DECIDE_APPEAL, case)
    assert (last_event(town, case).outcome, case.excused_at) == ("endorsed", None)
    town.do(Verb.DECIDE_APPEAL, case, "acceptor")
    assert case.excused_at == town.now
    assert (case.handled_on_time, case.close_type, case.stage) == (False, CloseType.OVERDUE, Stage.CLOSED)
    assert counted(town, case) == {"report_num", "excused_num"}
    assert {notice.kind for notice in last_notices(town, case)} == {"appeal_granted"}


def test_a_denied_appeal_is_not_made_again(town: Town) -> None:
    case = late(town)
    town.do(Verb.APPEAL, case)
    with pytest.raises(AlreadyAsked):
        town.do(Verb.APPEAL, case)
    assert refused(town, Verb.DECIDE_APPEAL, case, outcome="denied") == {"reason": "required"}
    town.do(Verb.DECIDE_APPEAL, case, outcome="denied", reason="理由不充分")
    assert (case.excused_at, asked(town, case)) == (None, [(RequestState.DENIED, None)])
    with pytest.raises(AlreadyAsked):
        town.do(Verb.APPEAL, case)


def test_an_appeal_lapses_when_the_case_is_reopened_and_what_was_excused_is_measured_again(town: Town) -> None:
    waiting, excused = late(town), late(town)
    for case in (waiting, excused):
        town.do(Verb.APPEAL, case)
    for by in ("dispatcher", "acceptor"):
        town.do(Verb.DECIDE_APPEAL, excused, by)
    for case in (waiting, excused):
        town.do(Verb.REOPEN, case)
    assert asked(town, waiting) == [(RequestState.LAPSED, None)]
    assert excused.excused_at is None
    assert "file_num" in counted(town, excused)

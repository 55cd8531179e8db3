"""How the cases say no; the words are made in `web/problems.py` from the names and data."""

from typing import Any

from cases.stages import Stage, Verb
from core.errors import NotFound, NotPossible, Refusal


class WrongStage(NotPossible):
    """The stage doesn't know the verb; `possible` names what the person can do now."""

    name = "wrong-stage"

    def __init__(self, verb: Verb, stage: Stage, possible: list[str]) -> None:
        super().__init__(verb=verb.value, stage=stage.value, possible=possible)


class StaleVersion(NotPossible):
    """Somebody was faster; `differs` tells what has changed since the version that the person saw."""

    name = "stale-version"

    def __init__(self, version: int, differs: list[dict[str, Any]]) -> None:
        super().__init__(version=version, differs=differs)


class VerifyFirst(NotPossible):
    """A report from the public is verified by an inspector before it is accepted (domain §4.1)."""

    name = "verify-first"


class NothingReturned(NotPossible):
    """Only a case that a department has returned goes back from dispatch to acceptance."""

    name = "nothing-returned"


class AlreadySigned(NotPossible):
    """The department has signed for its part: it neither signs again nor returns it."""

    name = "already-signed"


class SignFirst(NotPossible):
    """The department signs for its part before it finishes it."""

    name = "sign-first"


class PartDone(NotPossible):
    """The department's own part is done; others still work at theirs."""

    name = "part-done"


class Claimed(NotPossible):
    """Somebody else has the case open; `person` and `until` say who, and until when unless they renew it."""

    name = "claimed"


class NothingToClaim(NotFound):
    """No case that was asked for is left in the pool."""

    name = "nothing-to-claim"


class NotTheLead(NotPossible):
    """Only the head of the department that leads the work hands it to a unit."""

    name = "not-the-lead"


class AlreadySupervised(NotPossible):
    """An order of this centre is open already."""

    name = "already-supervised"


class NoOrder(NotPossible):
    """No supervision order on the case waits for an answer."""

    name = "no-order"


class NotMerged(NotPossible):
    """Only a duplicate that was merged is taken back; this case has ended otherwise."""

    name = "not-merged"


class FirstCaseEnded(NotPossible):
    """Nothing is merged into a case that has ended; `no` names it, `stage` says how."""

    name = "first-case-ended"


class FirstCaseMerged(NotPossible):
    """The first case is itself a duplicate of another one; `no` names it."""

    name = "first-case-merged"


class NoCentreAbove(NotPossible):
    """The city has nobody above it."""

    name = "no-centre-above"


class AlreadyAsked(NotPossible):
    """A request of this kind waits for `awaits`, or was decided where it is asked for only once."""

    name = "already-asked"


class NothingAsked(NotPossible):
    """No request of this kind waits for a decision."""

    name = "nothing-asked"


class NotYourTurn(NotPossible):
    """The request waits for somebody else: `awaits` says for whom."""

    name = "not-your-turn"


class OwnRequest(NotPossible):
    """Who asked for it, or has approved it once, doesn't decide it: `awaits` says whose turn it is, somebody else's."""

    name = "own-request"


class DeadlinePassed(NotPossible):
    """More time is asked for before the deadline, not after it."""

    name = "deadline-passed"


class NoMoreExtensions(NotPossible):
    """So many extensions have been granted to this limit that there are no more; `most` says how many."""

    name = "no-more-extensions"


class SuspendedBefore(NotPossible):
    """A case is suspended once."""

    name = "suspended-before"


class NothingToAppeal(NotPossible):
    """Only an overrun is appealed."""

    name = "nothing-to-appeal"


class RefuseWindowOver(NotPossible):
    """A department returns a case soon or not at all; `until` says until when it could."""

    name = "refuse-window-over"


class Designated(NotPossible):
    """After a second return the higher centre has named the department: it keeps the case."""

    name = "designated"


class StaleRules(NotPossible):
    """Somebody has changed the calendar or the ladder since: look at it again; `version` is the present one."""

    name = "stale-version"

    def __init__(self, version: int) -> None:
        super().__init__(version=version, because="rules")


class CalendarTaken(NotPossible):
    """A working calendar of that name is there already."""

    name = "calendar-taken"


class NoCalendar(NotPossible):
    """The working calendar ends before the deadline; nothing is guessed."""

    name = "calendar-missing"


class ReportDiffers(NotPossible):
    """Another body came under this report's id before."""

    name = "report-differs"


class GroundMoves(NotPossible):
    """Ground, categories, duties or calendars changed again and again while the report was routed: try once more."""

    name = "ground-moves"


class PhotoDiffers(NotPossible):
    """Other bytes came under this photo's id before."""

    name = "photo-differs"


class PhotoNotYours(NotPossible):
    """Somebody else's report or verb names this photo: only they send it."""

    name = "photo-not-yours"


class PhotoTooLarge(Refusal):
    """More bytes than a photo may have; `most` says how many (413)."""

    name = "photo-too-large"


class UploadOffset(NotPossible):
    """A part of a photo does not begin where the parts before it end; `offset` says where that is."""

    name = "upload-offset"


class NoRoom(Refusal):
    """The disk that holds the photos is full; nothing was recorded: try again later (507)."""

    name = "no-room"


class NotKept(Refusal):
    """The database was away or too busy; nothing of this was kept: send it once more (503)."""

    name = "busy"


class NoSuchWebhook(NotFound):
    name = "webhook-not-found"


class NoSuchDelivery(NotFound):
    name = "delivery-not-found"


class NotToBeSent(NotPossible):
    """Only a message that was given up is sent again; `state` says what this one is."""

    name = "not-to-be-sent"


class PushOff(NotPossible):
    """This installation has no key to push messages with (config.toml, push)."""

    name = "push-off"


class TooManyStreams(Refusal):
    """As many streams are open in this process as it holds; `most` says how many: ask again later (503)."""

    name = "too-many-streams"


class OnDutyElsewhere(NotPossible):
    """Another shift of the person is open; `shift` and `started_at` name it."""

    name = "on-duty-elsewhere"


class ShiftOverlaps(NotPossible):
    """The person was in another shift then; `shift`, `started_at`, `ended_at` name it, `span` for readers."""

    name = "shift-overlaps"


class ShiftDiffers(NotPossible):
    """Another shift came under this id before."""

    name = "shift-differs"


class ShiftEnded(NotPossible):
    """The shift ended at another moment or elsewhere; `ended_at` says when."""

    name = "shift-ended"


class TracksOff(NotPossible):
    """This installation keeps no tracks (config.toml, track.enabled)."""

    name = "tracks-off"


class NobodyOnDuty(NotPossible):
    """Nobody is on duty on the centre's ground whom a roll call could ask."""

    name = "nobody-on-duty"


class RollCallAnswered(NotPossible):
    """The person has answered this roll call otherwise; `answered_at` says when."""

    name = "roll-call-answered"

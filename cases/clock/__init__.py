"""The clock of a limit (时限): start, pause, resume, stop, what is used, which light, when the next rung is due.

A clock is a row of segments `[start, end or null, why it ended]`; what is used is counted from them, never stored
(domain §4.5). Pauses, nights and holidays therefore move everything that hangs on the used time by themselves. A limit
that changes makes a new clock which takes over the segments; a stretch that counted otherwise keeps its own unit.
Moments count by the whole second, as in cases/workdays.py. The caller holds the lock on the case.
"""

from cases.clock.counting import (
    YELLOW_SHARE,
    Light,
    Plan,
    Segment,
    light,
    light_of,
    moment_when,
    plan,
    segments_of,
    stage_limit,
    used_seconds,
    written,
    yellow_step,
)
from cases.clock.showing import (
    OPEN_CLOCKS,
    running,
    show_on_case,
)
from cases.clock.turning import (
    ClockStopped,
    drop,
    foresee,
    go_on,
    halt,
    new_clock,
    pause,
    rest,
    resume,
    revive,
    start,
    stop,
    succeed,
)

__all__ = [
    "OPEN_CLOCKS",
    "YELLOW_SHARE",
    "ClockStopped",
    "Light",
    "Plan",
    "Segment",
    "drop",
    "foresee",
    "go_on",
    "halt",
    "light",
    "light_of",
    "moment_when",
    "new_clock",
    "pause",
    "plan",
    "rest",
    "resume",
    "revive",
    "running",
    "segments_of",
    "show_on_case",
    "stage_limit",
    "start",
    "stop",
    "succeed",
    "used_seconds",
    "written",
    "yellow_step",
]

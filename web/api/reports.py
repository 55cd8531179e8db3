"""Reports: one at a time from phones, many at once from machines."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, abort, request
from pydantic import Field

from cases.intake import ReportBody, take, take_lines
from cases.stages import Stage
from core.errors import Refusal
from people.roles import Permission
from web.answers import to_json
from web.api.ground import PlaceAnswer
from web.bodies import JSON, Answer, Moment, Takes, gives, parse_json, refuses, takes
from web.case_answers import PlaceName
from web.language import language
from web.problems import refusal_body
from web.signin import allow, big_body, person
from web.transaction import now, reader, runtime

blueprint = APIBlueprint("reports", __name__, tag="Reports")
NDJSON = "application/x-ndjson"
BATCH_BYTES = 32 * 1024 * 1024
View = TypeVar("View", bound=Callable[..., Any])


class CaseAnswer(Answer):
    no: str = Field(description="The case's public number")
    stage: Stage
    version: int
    due_at: Moment | None = Field(description="When it must be accepted; null when settled on the spot")
    centre: PlaceName = Field(description="The responsible centre, by the category's level")


class ReportAnswer(Answer):
    report_id: UUID
    case: CaseAnswer
    placement: PlaceAnswer | None = Field(description="Null: an address without a point")


class LineAnswer(Answer):
    """A line of the answer to a batch; `problem` when it was refused."""

    report_id: str | None
    status: int
    case: CaseAnswer | None = None
    placement: PlaceAnswer | None = None
    problem: dict[str, Any] | None = None


def _takes_report(view: View) -> View:
    """Show the body in the OpenAPI document; intake checks it, because what is right depends on categories and time."""
    view.__dict__["takes"] = Takes(ReportBody, None, JSON, optional=False)
    return view


@blueprint.put("/reports/<uuid:report_id>")
@allow(Permission.REPORT)
@_takes_report
@gives(ReportAnswer, 201)
@gives(ReportAnswer, 200, text="Sent before: the same answer")
@refuses("outside-grid", "not-your-source", "report-differs", "ground-moves", "no-edition")
def put_report(report_id: UUID) -> Response:
    """Report an incident under an id of the sender's making; sent twice, it is one case."""
    if request.mimetype != JSON:
        abort(415)
    raw = request.get_data()
    parse_json(raw)
    taken = take(reader(), person(), report_id, raw, now=now(), settings=runtime().settings)
    return Response(taken.answer, 201 if taken.created else 200, mimetype=JSON)


@blueprint.post("/reports:batch")
@allow(Permission.REPORT_MANY)
@big_body(BATCH_BYTES)
@takes(raw=NDJSON)
@gives(LineAnswer, media=NDJSON, text="A line a report, in the order of the lines sent")
def batch() -> Response:
    """Many reports, one a line, each accepted or refused on its own; a line that is answered is durable."""
    words, settings = language(), runtime().settings
    lines = take_lines(runtime().sessions.write, person(), request.get_data(), now=now(), settings=settings)

    def answers() -> Iterator[bytes]:
        for line in lines:
            if isinstance(line.result, Refusal):
                problem = refusal_body(line.result, words)
                yield to_json({"report_id": line.name, "status": problem["status"], "problem": problem}) + b"\n"
            else:
                yield line.result + b"\n"

    # whole before the first byte goes out: a fault on the way must not look like a short 200
    return Response(b"".join(answers()), mimetype=NDJSON)

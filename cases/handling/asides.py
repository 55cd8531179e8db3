"""What leaves the case where it stands: note (备注) and urge (催办)."""

from typing import Any

from cases.handling.fields import Fields
from cases.handling.work import Deed, Reading, Work, nothing
from cases.stages import Verb


def _read_note(fields: Fields, _: Reading) -> dict[str, Any]:
    return {"text": fields.text("text", required=True)}


def _note(work: Work) -> None:
    work.keep_text("text")


def _read_urge(fields: Fields, _: Reading) -> dict[str, Any]:
    return {"text": fields.text("text")}


def _urge(work: Work) -> None:
    work.case.urged_count += 1
    work.keep_text("text")


DEEDS: dict[Verb, Deed] = {
    Verb.NOTE: Deed(_read_note, _note, nothing),
    Verb.URGE: Deed(_read_urge, _urge, nothing),
}

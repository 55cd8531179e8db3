"""A report comes in: check, find twin, locate, route, number, open, start the clock; one, or many at once."""

from cases.intake.batch import LineResult, take_lines
from cases.intake.body import PointBody, ReportBody
from cases.intake.files import FileLoaded, load_reports
from cases.intake.lines import BadFile
from cases.intake.taking import Taken, take

__all__ = [
    "BadFile",
    "FileLoaded",
    "LineResult",
    "PointBody",
    "ReportBody",
    "Taken",
    "load_reports",
    "take",
    "take_lines",
]

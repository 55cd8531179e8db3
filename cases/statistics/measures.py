"""The rates of leadership, each as one number divided by another (domain §5.2), and what is aimed at.

What the numbers themselves count stands in `cases/measures.py`; docs/statistics.md says all of it for readers.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from cases.measures import MEASURES

DATE = "reported_at"
"""The moment by which a case belongs to a period; it is printed on every answer (domain §5.1: decide once)."""


@dataclass(frozen=True)
class Rate:
    """`part` / `whole`, both names of measures."""

    part: str
    whole: str

    @property
    def formula(self) -> str:
        return f"{self.part} / {self.whole}"

    def of(self, numbers: Mapping[str, int]) -> float | None:
        """0 … 1 with four decimals; None where there is nothing to divide by: "—" on screen, never 0 %."""
        whole = numbers[self.whole]
        return round(numbers[self.part] / whole, 4) if whole else None


RATES: dict[str, Rate] = {
    "filing_rate": Rate("file_num", "report_num"),
    "valid_report_rate": Rate("valid_report_num", "report_num"),
    "accurate_dispatch_rate": Rate("accurate_dispatch_num", "need_dispatch_num"),
    "dispatch_rate": Rate("need_handle_num", "need_dispatch_num"),
    "handle_rate": Rate("handled_num", "need_handle_num"),
    "ontime_handle_rate": Rate("ontime_handled_num", "need_handle_num"),
    "close_rate": Rate("closed_num", "need_close_num"),
    "ontime_close_rate": Rate("ontime_closed_num", "need_close_num"),
    "overdue_close_rate": Rate("overdue_closed_num", "need_close_num"),
    "overdue_open_rate": Rate("overdue_open_num", "need_handle_num"),
    "rework_rate": Rate("rework_num", "need_close_num"),
}

# Aimed at elsewhere for ordinary cases (domain §5.3); ours until a city sets its own.
TARGETS: dict[str, float] = {"ontime_handle_rate": 0.95, "ontime_close_rate": 0.95, "overdue_open_rate": 0.02}


MEDIAN = "median_handle_minutes"
NAMES: tuple[str, ...] = (*MEASURES, MEDIAN, *RATES)
"""What may be asked for by name."""


def rates(numbers: Mapping[str, int], asked: Collection[str] = RATES) -> dict[str, float | None]:
    """The rates of one row of numbers: all, or those among what was asked for."""
    return {name: rate.of(numbers) for name, rate in RATES.items() if name in asked}

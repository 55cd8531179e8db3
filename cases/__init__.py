"""One incident from report to close: intake, stages, clocks, escalation, statistics."""

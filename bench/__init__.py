"""Benchmarks: each prints its figure, a limit measured in the same run, and the ratio (contract §7)."""

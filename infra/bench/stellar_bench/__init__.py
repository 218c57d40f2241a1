"""Benchmarks: the protocols side by side, and the local runtime against its floor. Figures are ratios of one run."""

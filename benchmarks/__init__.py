"""Speed beside the real peers, in one run on one machine: ``python -m benchmarks``."""

"""All measurements one after the other: `make bench`, or `python -m benchmarks`. One row or table a measurement."""

import subprocess
import sys

PARTS = (
    "benchmarks.embedding",
    "benchmarks.deciding",
    "benchmarks.checking",
    "benchmarks.promises",
    "benchmarks.ingesting",
    "benchmarks.impact",
    "benchmarks.documentation",
    "benchmarks.turns",
    "benchmarks.gateway",
    "benchmarks.caching",
    "benchmarks.costs",
    "benchmarks.budgets",
    "benchmarks.hygiene",
)


def main() -> None:
    """Run each part in a process of its own, so that none measures what another has loaded."""
    for part in PARTS:
        print(f"== {part}", flush=True)
        subprocess.run([sys.executable, "-m", part], check=True)


if __name__ == "__main__":
    main()

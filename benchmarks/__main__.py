"""All measurements one after the other: `make bench`, or `python -m benchmarks`. One row or table a measurement.

    python -m benchmarks [--quick] [NAME…]

`--quick` only sees whether each comes to its end: its figures are of no worth. NAME chooses some of them, as in
`python -m benchmarks budgets`. One that fails does not keep the others from being measured; the whole ends with 1 then.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence

QUICK: dict[str, Sequence[str]] = {
    "embedding": ("40",),
    "deciding": (),
    "checking": (),
    "promises": (),
    "ingesting": ("20", "beside_others", "while_searching"),
    "impact": ("2000", "50"),
    "documentation": ("2",),
    "turns": ("--streams", "1,5", "--turns", "20"),
    "gateway": ("--streams", "5", "--rounds", "1"),
    "caching": (),
    "costs": ("--each", "10", "--plot", "/dev/null"),
    "budgets": ("--rounds", "1"),
    "hygiene": ("500",),
}
"""Each measurement, in the order in which they run, and what makes it short where something does."""


def main() -> None:
    """Run each part in a process of its own, so that none measures what another has loaded."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*QUICK, []], help=", ".join(QUICK))
    parser.add_argument("--quick", action="store_true", help="only see whether each comes to its end")
    chosen = parser.parse_args()
    began = time.monotonic()
    failed = [name for name in chosen.names or QUICK if not ran(name, QUICK[name] if chosen.quick else ())]
    print(f"== all of it took {told(time.monotonic() - began)}")
    if failed:
        raise SystemExit(f"These failed: {', '.join(failed)}.")


def ran(name: str, words: Sequence[str]) -> bool:
    """Measure one; whether it came to its end."""
    print(f"== benchmarks.{name}", flush=True)
    began = time.monotonic()
    status = subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *words], check=False).returncode
    print(
        f"== benchmarks.{name}: {'done' if status == 0 else 'FAILED'} after {told(time.monotonic() - began)}",
        flush=True,
    )
    return status == 0


def told(seconds: float) -> str:
    """As people say it."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.1f} min"  # noqa: PLR2004  # readable


if __name__ == "__main__":
    main()

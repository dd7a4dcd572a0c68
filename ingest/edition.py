"""Which edition of the readers this is: what one of them made of a file holds until another edition comes."""

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = ("ingest/**/*.py", "app/knowledge/readings.py", "app/language.py", "app/safety/screening.py")
PARSERS = (
    "charset-normalizer", "lxml", "mammoth", "pypdfium2", "python-calamine", "python-pptx", "PyYAML", "selectolax",
)  # fmt: skip
"""The packages that take files apart. Another version of one may find other words in the same bytes."""


@cache
def edition() -> str:
    """The same for as long as the same bytes are read in the same way: a hash of our code and of the parsers."""
    seen = hashlib.sha256(platform.python_version().encode())
    for path in sorted(path for pattern in CODE for path in ROOT.glob(pattern)):
        seen.update(path.read_bytes())
    for name in PARSERS:
        seen.update(f"{name} {version(name)}\n".encode())
    return seen.hexdigest()

"""The child: a file on its standard input, its parts as JSON on its standard output."""

import importlib
import json
import os
import sys
from pathlib import Path

from ingest.opening import limits
from ingest.opening.parts import Closed

OPENERS = frozenset(("archive", "book", "document", "mail", "pages", "sheets", "slides"))
TOO_BIG = "This file needs more memory than we allow for one file. Split it into smaller ones."


def main() -> None:
    """Answer with parts or a reason. Anything unforeseen ends the process, which the parent takes for damage."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogatepass")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # a library that prints must not speak for us
    opener, folder = sys.argv[1], Path(sys.argv[2])
    if opener not in OPENERS:
        sys.exit(2)
    reader = importlib.import_module(f"ingest.opening.{opener}")
    data = sys.stdin.buffer.read()
    limits.take_on(reader.LARGEST_WRITTEN)
    try:
        said = {"parts": reader.opened(data, folder), "reason": ""}
        text = json.dumps(said)
    except Closed as closed:
        text = json.dumps({"parts": [], "reason": str(closed)})
    except MemoryError:
        text = json.dumps({"parts": [], "reason": TOO_BIG})
    answer.write(text)
    answer.close()


if __name__ == "__main__":
    main()

"""The child behind the gate: one line and a body for each file on its standard input, one line of JSON back."""

import json
import os
import resource
import sys
from dataclasses import asdict
from typing import Any

from app.knowledge.readings import Reading
from ingest.loaders import Refused, Unreadable, load
from ingest.opening import limits
from ingest.opening.archive import LARGEST_WRITTEN
from ingest.opening.child import TOO_BIG
from ingest.screening import concerns_of

BEHIND_EVERYTHING = 10


def main() -> None:
    """Answer until nothing more is asked. Anything unforeseen ends the process, and with it this file alone."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogatepass")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # a library that prints must not speak for us
    os.nice(BEHIND_EVERYTHING)
    limits.take_on(LARGEST_WRITTEN, cpu_seconds=resource.RLIM_INFINITY)
    for line in sys.stdin.buffer:
        head = json.loads(line)
        body = sys.stdin.buffer.read(head["size"])
        try:
            said = _answer(head, body)
        except MemoryError:
            said = {"reason": TOO_BIG}
        answers.write(json.dumps(said) + "\n")
        answers.flush()


def _answer(head: dict[str, Any], body: bytes) -> Any:  # noqa: ANN401  # what JSON holds
    if head["task"] == "screen":
        return concerns_of(*json.loads(body))
    try:
        return {
            "reason": "",
            "found": [_said(one) for one in load(head["name"], body, head["largest"], head["called"])],
        }
    except Unreadable as refusal:
        return {"reason": refusal.detail}


def _said(one: Reading | Refused) -> dict[str, Any]:
    if isinstance(one, Refused):
        return {"refused": list(one)}
    fields = asdict(one)
    del fields["concerns"]
    return fields


if __name__ == "__main__":
    main()

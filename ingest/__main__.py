"""`python -m ingest PATH…` is `answerdesk ingest PATH…`."""

import sys

from app.cli import main

sys.argv[1:1] = ["ingest"]
main()

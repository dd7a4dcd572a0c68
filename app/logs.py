"""How the process speaks to its operators: one JSON object a line, without local values and without personal data."""

import logging
import re
import sys
from collections.abc import Callable, MutableMapping
from typing import Any

import orjson
import structlog

Scrub = Callable[[str], str]
Entry = MutableMapping[str, Any]
_HARMLESS = re.compile(r"[A-Za-z][A-Za-z_.-]*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""One word, or an id of ours, as most values are: there is nothing to look for in them."""


def configure(scrub: Scrub) -> None:
    """Send structlog and the standard library's logging the same way; `scrub` is applied to every text, last."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        # A traceback of plain lines: local values hold customers' words.
        structlog.processors.format_exc_info,
    ]
    last: list[Any] = [
        _scrubbing(scrub),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(_json),
    ]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove, *last]))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def _json(entry: Entry, **_: Any) -> str:  # noqa: ANN401  # structlog passes its own options
    return orjson.dumps(entry, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()


def _scrubbing(scrub: Scrub) -> Callable[[Any, str, Entry], Entry]:
    def processor(_: Any, __: str, entry: Entry) -> Entry:  # noqa: ANN401  # structlog passes its logger
        return {name: clean(value) if isinstance(value, str) else value for name, value in entry.items()}

    def clean(value: str) -> str:
        return value if _HARMLESS.fullmatch(value) else scrub(value)

    return processor

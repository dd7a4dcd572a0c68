"""Makes each Markdown paragraph and list item one line again, as a browser shows it.

Editors wrap lines in the middle of sentences; a sentence that is quoted or checked must be whole.
"""

import re

from ingest.outline import kinds

_HARD_BREAK = re.compile(r"(?: {2,}|\\)\n(?=[^\n])")
_KEPT = "\ue000"
"""A letter that no text uses (private use area): it marks a line break that was asked for."""
_OWN_LINE = re.compile(r"\s*(?:>|<|:::|!!!|\[\^?[^\]]+\]:|\*\*\*|---|___)")


def mark_breaks(text: str) -> str:
    """Keep in mind where a line break was asked for, by two spaces or a backslash."""
    return _HARD_BREAK.sub(f"\n{_KEPT}", text)


def unwrapped(text: str) -> str:
    """Join the lines that belong to one paragraph or list item."""
    lines: list[str] = []
    before = "blank"
    for kind, line in kinds(text):
        if kind == "paragraph" and before in ("paragraph", "list") and _continues(line):
            lines[-1] = f"{lines[-1]} {line.strip()}"
        else:
            lines.append(line.replace(_KEPT, ""))
            before = "own" if kind == "paragraph" and _OWN_LINE.match(line) else kind
    return "\n".join(lines)


def _continues(line: str) -> bool:
    return not line.lstrip().startswith(_KEPT) and not _OWN_LINE.match(line)

"""Tables that are drawn with characters."""

import re
from collections.abc import Sequence


def grid(lines: Sequence[str]) -> list[list[str]]:
    """Rows between lines of `+---+`; a cell may have several lines."""
    rows: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("+"):
            rows.append([])
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        before = rows[-1] + [""] * (len(cells) - len(rows[-1]))
        rows[-1] = [f"{old} {new}".strip() for old, new in zip(before, cells, strict=False)]
    return [row for row in rows if any(row)]


def simple(lines: Sequence[str]) -> list[list[str]]:
    """Rows under lines of `=== ===`, which say where each column begins. Nothing in the first: the row goes on."""
    starts = [found.start() for found in re.finditer("=+", lines[0])]
    rows: list[list[str]] = []
    for line in lines:
        if re.fullmatch(r"[=\-\s]+", line):
            continue
        ends = [*starts[1:], len(line) + 1]
        cells = [line[start:end].strip() for start, end in zip(starts, ends, strict=True)]
        if rows and not cells[0]:
            rows[-1] = [f"{old} {new}".strip() for old, new in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
    return rows


def piped(rows: Sequence[Sequence[str]]) -> str:
    """As Markdown writes a table, the first row being its head."""
    said = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows if row]
    return "\n".join([*said[:1], f"|{' --- |' * len(rows[0])}", *said[1:]]) if said else ""

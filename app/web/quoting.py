"""Citations as OpenAI's clients read them: annotations of the text, or a list of sources in Markdown."""

import re
from typing import Any

_MARKER = re.compile(r"\[(\d+)\]")


def annotations(content: str, citations: list[dict[str, Any]], public_url: str) -> list[dict[str, Any]]:
    """Each marker in the text, with the source that it stands for. Indexes count code points."""
    cited = {str(one["number"]): one for one in citations}
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": marker.start(),
                "end_index": marker.end(),
                "url": absolute(cited[marker[1]]["url"], public_url),
                "title": cited[marker[1]]["title"],
            },
        }
        for marker in _MARKER.finditer(content)
        if marker[1] in cited
    ]


def sources(citations: list[dict[str, Any]], public_url: str) -> str:
    """The list of sources, for clients that pass over annotations."""
    named = {one["number"]: one for one in citations}
    rows = [(number, named[number]["title"], absolute(named[number]["url"], public_url)) for number in sorted(named)]
    lines = [f"{number}. [{title}]({url})" for number, title, url in rows]
    return "\n\nSources:\n" + "\n".join(lines) if lines else ""


def absolute(url: str, public_url: str) -> str:
    """The address as it is reached from outside."""
    return public_url + url if url.startswith("/") else url

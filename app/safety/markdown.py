"""The Markdown that is read, and the HTML of what it adds to CommonMark: citations, marks, marked code."""

import html
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.safety.highlighting import MARK_CLOSE, MARK_OPEN

MOST_NESTING = 20


@lru_cache
def parser_for(*, article: bool) -> MarkdownIt:
    """The parser of help articles, or that of answers and replies."""
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": MOST_NESTING})
    parser.enable(["table", "strikethrough"])
    if not article:
        # A definition far from its link, or one that turns the marker [1] into a link, is of use to attackers alone.
        parser.disable("reference")
    parser.add_render_rule("citation", _citation)
    parser.add_render_rule(MARK_OPEN, lambda *_: "<mark>")
    parser.add_render_rule(MARK_CLOSE, lambda *_: "</mark>")
    parser.add_render_rule("marked_code", _marked_code)
    return parser


def _citation(_self: Any, tokens: Sequence[Token], at: int, *_: Any) -> str:  # noqa: ANN401  # markdown-it's signature
    number = html.escape(tokens[at].content)
    return f'<button type="button" class="cite" data-cite="{number}" aria-label="Source {number}">{number}</button>'


def _marked_code(_self: Any, tokens: Sequence[Token], at: int, *_: Any) -> str:  # noqa: ANN401  # markdown-it's signature
    token = tokens[at]
    language = re.match(r"[\w+#.-]{1,30}", token.info.strip())
    named = f' class="language-{html.escape(language.group())}"' if language else ""
    inside = "".join(
        f"<mark>{html.escape(piece)}</mark>" if is_marked else html.escape(piece)
        for piece, is_marked in token.meta["pieces"]
        if piece
    )
    return f"<pre><code{named}>{inside}</code></pre>\n" if token.block else f"<code>{inside}</code>"

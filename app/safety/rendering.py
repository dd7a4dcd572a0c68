"""Markdown to the HTML that a page may insert: the one way for answers, agents' replies and help articles.

The parser makes no raw HTML and no images, each link is judged after parsing, and an allow-list goes over the result:
an attack that the parser assembles is still judged as what it became.
"""

import html
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from app.safety.allowlist import REL, cleaned
from app.safety.highlighting import marked_blocks, marked_tokens, signs_for, with_signs
from app.safety.links import Hosts, bare_urls, web_address
from app.safety.markdown import parser_for

Resolve = Callable[[str], str | None]

MOST_CHARACTERS = 60_000
"""Longer answers are shown as plain text: markdown-it needs 4 s for some texts of 100 kB made for the purpose."""
REMOVED = "[link removed]"
OWN_PAGES = ("/help/",)

_CITATION = re.compile(r"\[(\d{1,3})\]")


@dataclass(frozen=True, slots=True)
class _Page:
    """What holds for one rendering: whose links, which citation numbers, and whether it is an article."""

    hosts: Hosts
    citations: frozenset[int] = frozenset()
    article: bool = False
    resolve: Resolve | None = None

    def link(self, href: str) -> str | None:
        """The address to link to, or none."""
        href = (self.resolve(href) if self.resolve else href) or ""
        local = self.article and (re.fullmatch(r"#[\w-]+", href) or re.fullmatch(r"/(?![/\\])[\w./?=&%#-]*", href))
        if local or href.startswith(OWN_PAGES):
            return href if re.fullmatch(r"[\w./?=&%#-]+", href) and "//" not in href and ".." not in href else None
        return href if self.hosts.allow(href) else None


def render(text: str, hosts: Hosts, citations: Collection[int] = ()) -> str:
    """An answer or a reply. Markers of these citation numbers become buttons; others stay as they are written."""
    if len(text) > MOST_CHARACTERS:
        return f"<pre>{html.escape(text)}</pre>"
    return _html(parser_for(article=False).parse(text), _Page(hosts, frozenset(citations)))


def render_article(
    text: str, hosts: Hosts, *, resolve: Resolve | None = None, mark: tuple[int, int] | None = None
) -> str:
    """A help article: headings get ids, links may lead to own pages. `resolve` turns a link as written into one served.

    `mark` is a span of the text to highlight, in code points; its first piece gets the id "cited".
    """
    page = _Page(hosts, article=True, resolve=resolve)
    plain = _html(parser_for(article=True).parse(text), page)
    return _highlighted(text, page, mark, plain) if mark and 0 <= mark[0] < mark[1] <= len(text) else plain


def _highlighted(text: str, page: _Page, span: tuple[int, int], plain: str) -> str:
    """Mark the span exactly; where marking would change how the text reads, mark the blocks that it touches."""
    signs = signs_for(text)
    exact = _html(marked_tokens(parser_for(article=True).parse(with_signs(text, *span, signs)), signs), page)
    if _unmarked(exact) == plain and "<mark" in exact:
        return _named(exact)
    lines = text.count("\n", 0, span[0]), text.count("\n", 0, span[1] - 1)
    return _named(_html(marked_blocks(parser_for(article=True).parse(text), *lines), page))


def _unmarked(rendered: str) -> str:
    return rendered.replace("<mark>", "").replace("</mark>", "")


def _named(rendered: str) -> str:
    return rendered.replace("<mark>", '<mark id="cited">', 1)


def _html(tokens: Sequence[Token], page: _Page) -> str:
    for at, token in enumerate(tokens):
        _dress(token, tokens[at + 1] if at + 1 < len(tokens) else None, page)
        if token.children is not None:
            token.children = _inline(token.children, page)
    parser = parser_for(article=page.article)
    return cleaned(parser.renderer.render(tokens, parser.options, {}))


def _dress(token: Token, following: Token | None, page: _Page) -> None:
    """Alignment as a class, for style attributes are not allowed; ids for headings; in an answer no heading shouts."""
    style = token.attrs.pop("style", None)
    if isinstance(style, str) and style.startswith("text-align:"):
        token.attrSet("class", f"align-{style.removeprefix('text-align:')}")
    if token.type in ("heading_open", "heading_close") and not page.article:
        token.tag = f"h{max(4, int(token.tag[1:]))}"
    if token.type == "heading_open" and page.article and following:
        token.attrSet("id", f"section-{slug(following.content)}")


def slug(heading: str) -> str:
    """The end of a heading's address."""
    return re.sub(r"[^\w]+", "-", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()).strip("-")[:120]


def _inline(children: Sequence[Token], page: _Page) -> list[Token]:
    kept: list[Token] = []
    open_links: list[bool] = []
    for token in children:
        if token.type == "link_open":
            href = page.link(str(token.attrGet("href") or ""))
            open_links.append(href is not None)
            if href is not None:
                kept.append(_link(href))
        elif token.type == "link_close":
            if open_links and open_links.pop():
                kept.append(token)
        elif token.type == "image":
            kept.append(_text(token.content))
        elif token.type == "text":
            kept += _texts(token.content, page, linked=any(open_links))
        else:
            kept.append(token)
    return kept


def _texts(text: str, page: _Page, *, linked: bool) -> list[Token]:
    """Addresses in running text: ours become links, others go. No link's text may pretend to be another address."""
    pieces: list[Token] = []
    at = 0
    for start, end in bare_urls(text):
        pieces += _cited(text[at:start], page)
        url = text[start:end]
        allowed = page.hosts.allow(web_address(url))
        if allowed and not linked:
            pieces += [_link(web_address(url)), _text(url), Token("link_close", "a", -1)]
        else:
            pieces.append(_text(url if allowed or page.hosts.may_stand(url) else REMOVED))
        at = end
    return pieces + _cited(text[at:], page)


def _cited(text: str, page: _Page) -> list[Token]:
    pieces: list[Token] = []
    at = 0
    for match in _CITATION.finditer(text) if page.citations else ():
        if int(match[1]) in page.citations:
            pieces += [_text(text[at : match.start()].rstrip(" ")), Token("citation", "button", 0, content=match[1])]
            at = match.end()
    return [*pieces, _text(text[at:])]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _link(href: str) -> Token:
    attributes: dict[str, str | int | float] = {"href": href}
    if "://" in href:
        attributes |= {"rel": REL, "target": "_blank"}
    return Token("link_open", "a", 1, attrs=attributes)

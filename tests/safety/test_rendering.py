"""What a page may insert: formatting and links to our own hosts, and nothing that acts or fetches."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.safety.links import Hosts
from app.safety.rendering import REMOVED, render, render_article

HOSTS = Hosts.of(["help.example.com", "example.com"])
ALLOWED = {
    "a": {"href", "rel", "target"}, "button": {"type", "class", "data-cite", "aria-label"}, "code": {"class"},
    "ol": {"start"}, "td": {"class"}, "th": {"class"}, "mark": {"id"},
    "h1": {"id"}, "h2": {"id"}, "h3": {"id"}, "h4": {"id"}, "h5": {"id"}, "h6": {"id"},
    **{tag: set[str]() for tag in "blockquote br del em hr li p pre s strong table tbody thead tr ul".split()},
}  # fmt: skip


class Page(HTMLParser):
    """A second opinion on what the HTML holds."""

    def __init__(self, rendered: str) -> None:
        super().__init__(convert_charrefs=True)
        self.trouble: list[str] = []
        self.text = ""
        self.marked = ""
        self._depth = 0
        self.feed(rendered)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._depth += tag == "mark"
        if tag not in ALLOWED:
            self.trouble.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ALLOWED.get(tag, set()):
                self.trouble.append(f"<{tag} {name}>")
            if name == "href" and not (HOSTS.allow(value or "") or (value or "").startswith(("/help/", "#"))):
                self.trouble.append(f"href {value}")

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "mark"

    def handle_data(self, data: str) -> None:
        self.text += data
        self.marked += data if self._depth else ""

    def handle_comment(self, data: str) -> None:
        self.trouble.append(f"comment {data}")


def rows(shared: Path, *names: str) -> Iterator[dict[str, str | int]]:
    for name in names:
        for line in (shared / f"data/security/{name}.jsonl").read_text(encoding="utf-8").strip().split("\n"):
            yield json.loads(line)


def test_no_known_attack_leaves_anything_active_or_leads_to_a_strange_host(shared: Path) -> None:
    for row in rows(shared, "xss", "naughty", "exfil", "direct", "indirect"):
        text = str(row["text"])
        for rendered in (render(text, HOSTS, (1, 2)), render_article(text, HOSTS), render(f"So: {text}\n\nend", HOSTS)):
            assert Page(rendered).trouble == [], row["id"]


def test_every_beginning_of_an_attack_is_as_harmless_as_the_whole(shared: Path) -> None:
    for row in rows(shared, "exfil"):
        text = str(row["text"])
        for end in range(1, len(text), 3):
            assert Page(render(text[:end], HOSTS)).trouble == []


def test_no_strange_address_stands_even_as_text_outside_code(shared: Path) -> None:
    for row in rows(shared, "exfil"):
        rendered = render(str(row["text"]), HOSTS)
        if row["label"] and "<code" not in rendered:
            assert "//evil" not in rendered, row["id"]


def test_clean_answers_keep_their_text(shared: Path) -> None:
    for row in rows(shared, "exfil"):
        if row["label"] == 0:
            shown = Page(render(str(row["text"]), HOSTS)).text
            written = re.sub(r"\]\([^)]*\)|[*`|\-\[\]\s]|\d\. ", "", str(row["text"]))
            assert re.sub(r"[*`|\-\[\]\s]", "", shown) == written, row["id"]


@given(st.lists(st.sampled_from(["![", "](", ")", "[a]", "<", ">", "script", "javascript:", "https://evil.net/", "&#x6a;", "\n", "`", "[1]", ": ", "|", "<a href=", '"', "\\", "help.example.com", "@", "%00", "\u200b"]), max_size=24).map("".join))  # fmt: skip  # noqa: E501  # a list
def test_no_mixture_of_the_pieces_of_attacks_is_active(text: str) -> None:
    assert Page(render(text, HOSTS, (1,))).trouble == []
    assert Page(render_article(text, HOSTS)).trouble == []


def test_citations_that_exist_become_buttons_and_others_stay_text() -> None:
    rendered = render("Open it. [1][7]", HOSTS, (1,))
    assert '<button type="button" class="cite" data-cite="1" aria-label="Source 1">1</button>[7]' in rendered


def test_a_link_definition_cannot_turn_a_marker_into_a_link() -> None:
    assert render("Done. [1]\n\n[1]: https://help.example.com/x", HOSTS).startswith("<p>Done. [1]</p>")


def test_links_to_our_hosts_open_aside_and_tell_nobody() -> None:
    rendered = render("[Returns](https://help.example.com/returns) or https://example.com/x.", HOSTS)
    assert rendered.count('rel="noopener noreferrer nofollow" target="_blank"') == 2


def test_links_to_other_hosts_become_their_text() -> None:
    assert render("[our page](https://evil.example.net/)", HOSTS) == "<p>our page</p>\n"
    assert render("[https://evil.example.net](https://example.com)", HOSTS).count(REMOVED) == 1


def test_images_become_their_description() -> None:
    assert render("![the save button](https://example.com/x.png)", HOSTS) == "<p>the save button</p>\n"


def test_headings_in_an_answer_are_small_and_in_an_article_have_ids() -> None:
    assert render("# Hi", HOSTS) == "<h4>Hi</h4>\n"
    assert render_article("## Reset *it* now", HOSTS).startswith('<h2 id="section-reset-it-now">')


def test_the_alignment_of_a_table_is_a_class_and_no_style() -> None:
    assert '<td class="align-right">1</td>' in render("| a |\n|--:|\n| 1 |", HOSTS)


def test_an_article_may_link_to_our_own_pages_as_they_are_served() -> None:
    def served(href: str) -> str | None:
        return f"/help/{href.removesuffix('.md')}" if href.endswith(".md") else href

    assert '<a href="/help/claim">' in render_article("[Claim](claim.md)", HOSTS, resolve=served)
    assert "href" not in render_article("[out](//evil.example.net)", HOSTS, resolve=served)
    assert "href" not in render_article("[up](/../etc)", HOSTS, resolve=served)


@pytest.mark.parametrize(
    "text", ["[" * 40_000, "*a_ " * 15_000, "`" * 50_000 + "a", ">" * 50_000, "[a](" * 15_000, "a" * 200_000]
)
def test_a_flood_of_signs_takes_no_long_time(text: str) -> None:
    begun = perf_counter()
    render(text, HOSTS)
    assert perf_counter() - begun < 3


# ---- highlighting

ARTICLE = """# Reset it

Open the **console** and [choose](https://example.com/b) `Settings` now. Then *go* on. More.

1. First **step** here.
2. Second `code` step.

```bash
run this
and that
```

| a | b |
|---|---|
| x y | z |
"""


@pytest.mark.parametrize(
    ("quote", "marked"),
    [
        ("the **console** and [choose](https://example.com/b) `Settings` now.", "the console and choose Settings now."),
        ("**console**", "console"),
        ("1. First **step** here.\n2. Second `code` step.", "First step here.Second code step."),
        ("First **step** here.", "First step here."),
        ("```bash\nrun this\nand that\n```", "run this\nand that"),
        ("and that", "and that"),
        ("| x y | z |", "x yz"),
        ("# Reset it\n\nOpen", "Reset itOpen"),
        ("on. More.\n\n1. First", "on. More.First"),
    ],
)  # fmt: skip
def test_exactly_the_cited_span_is_marked(quote: str, marked: str) -> None:
    start = ARTICLE.index(quote)
    page = Page(render_article(ARTICLE, HOSTS, mark=(start, start + len(quote))))
    assert page.marked.strip() == marked
    assert page.text == Page(render_article(ARTICLE, HOSTS)).text
    assert page.trouble == []


@given(st.integers(0, len(ARTICLE)), st.integers(0, len(ARTICLE)))
def test_marking_any_span_changes_no_text_and_no_structure(first: int, second: int) -> None:
    start, end = sorted((first, second))
    rendered = render_article(ARTICLE, HOSTS, mark=(start, end))
    bare = rendered.replace('<mark id="cited">', "").replace("<mark>", "").replace("</mark>", "")
    assert bare == render_article(ARTICLE, HOSTS)


def test_only_the_first_mark_carries_the_id() -> None:
    assert render_article(ARTICLE, HOSTS, mark=(0, len(ARTICLE))).count('id="cited"') == 1


def test_the_signs_that_mark_a_span_cannot_be_smuggled_in() -> None:
    assert "<mark" not in render_article("a ⸨b⸩ c", HOSTS)
    assert Page(render_article("a ⸨b⸩ cd", HOSTS, mark=(6, 8))).marked == "cd"

"""What else a scan finds: repeated texts, links that lead nowhere, what is overdue, unread, unhelpful, untranslated."""

from datetime import date
from typing import Any

import httpx
import numpy as np
import pytest

from app.insight.hygiene.addresses import external, links_of
from app.insight.hygiene.asking import WebAsks, dead
from app.insight.hygiene.caretaker import Published, shelf_of, translations
from app.insight.hygiene.duplicates import repetitions
from app.insight.hygiene.figures import conflicts, figures_in
from app.insight.hygiene.scanning import Placed, leading_nowhere
from app.insight.hygiene.upkeep import never_retrieved, overdue, unhelpful, untranslated
from app.knowledge.embedding.hashing import HashEmbedder
from app.knowledge.reviews import review_of
from app.knowledge.types import DocumentVersion, Passage

LONG = "Open the billing page of your account, choose the order that you want to return and press the button Refund. "
PUBLIC_URL = "https://help.example.com"


def version(name: str, text: str = "", locale: str = "en", **front: Any) -> DocumentVersion:  # noqa: ANN401
    return DocumentVersion(name, 1, name.title(), front.pop("url", ""), text, locale, "public", front)


def passage(name: str, text: str, document: str = "", locale: str = "en") -> Passage:
    return Passage(name, document or name, 1, name, "", "", text, 0, len(text), locale)


def repeated(*passages: Passage) -> list[set[str]]:
    vectors = HashEmbedder().embed_passages([one.text for one in passages])
    return [{one.document_id for one in found.passages} for found in repetitions(list(passages), vectors)]


def test_two_documents_that_say_nearly_the_same_are_told_once() -> None:
    one, other = passage("a", LONG + "It takes a minute."), passage("b", LONG + "It needs a minute.")
    assert repeated(one, other, passage("c", "Something else entirely. " * 10)) == [{"a", "b"}]
    assert repeated(one, passage("d", LONG, document="a")) == []
    assert repeated(one, passage("e", LONG + "It takes a minute.", locale="de")) == []


def test_a_text_in_many_documents_is_one_finding() -> None:
    assert repeated(*(passage(str(number), LONG) for number in range(40))) == [{str(number) for number in range(40)}]


def test_short_passages_are_left_alone() -> None:
    assert repeated(passage("a", "Contact us by mail."), passage("b", "Contact us by mail.")) == []


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("within 24 hours", "within 1 day", False),
        ("within 2 weeks", "within 14 days", False),
        ("for one month", "for 30 days", False),
        ("for one month", "for 90 days", True),
        ("for 12 months", "for one year", False),
        ("at least 8 characters", "at most 64 characters", False),
        ("8 to 64 characters", "at least 8 characters", False),
        ("up to 10 MB", "up to 25 MB", True),
        ("up to 1 GB", "up to 1,000 MB", False),
        ("until 6 pm", "until 8 pm", True),
        ("on 1 March 2027", "on March 1 2027", False),
        ("on 1 March 2027", "on 1 June 2027", True),
        ("costs 5 euros", "costs 5 dollars", False),
        ("costs €5", "costs 7 euros", True),
        ("three users", "3 users", False),
        ("on Mondays", "on Tuesday", True),
        ("30 days and 5 euros", "30 days and 9 euros", True),
        ("5 days, then 9 days", "5 days", False),
    ],
)
def test_figures_conflict_only_when_they_mean_something_else(one: str, other: str, differ: bool) -> None:
    first, second = (
        figures_in(text.lower().replace("€", "€ ").replace(",000", "000").replace(",", "").split())[0]
        for text in (one, other)
    )
    assert conflicts(first, second) is differ


ARTICLES = [
    version("refunds", "# Refunds\n\n## How to ask\n\nWrite to us.\n", slug="refunds"),
    version(
        "links",
        "[a](/help/refunds) [b](/help/refunds#how-to-ask) [c](/help/gone) [d](/help/refunds#why) [e](#nowhere)\n"
        "[f](refunds.md) [g](../other.md) [h](https://help.example.com/help/lost) [i](https://elsewhere.example/x)\n"
        "`[j](/help/code)` [k](mailto:a@example.com) [l](/chat) [m](image.png) [n](javascript:alert)\n\n"
        "```\n[o](/help/fenced)\n```\n",
    ),
]


def published() -> Published:
    documents = [Placed(one, f"guide/{one.document_id}.md") for one in ARTICLES]
    return Published("s", [], np.zeros((0, 1), np.float32), documents, {})


def test_links_that_lead_nowhere_are_told_with_the_reason() -> None:
    found = leading_nowhere(published().documents, shelf_of(published(), PUBLIC_URL))
    told = {one.facts["target"]: one.facts["problem"] for one in found}
    assert told == {
        "/help/gone": "No article “gone” is published.",
        "/help/refunds#why": "“Refunds” has no heading “why”.",
        "#nowhere": "“Links” has no heading “nowhere”.",
        "../other.md": "The file other.md is not in the knowledge base.",
        "https://help.example.com/help/lost": "No article “lost” is published.",
    }
    text = ARTICLES[1].text
    assert all(text[one.places[0].start : one.places[0].end] == one.places[0].text for one in found)


async def test_other_sites_are_asked_and_only_what_is_surely_gone_is_told() -> None:
    answers = {"/gone": 404, "/busy": 503, "/there": 200, "/moved": 301, "/shy": 405}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "nowhere.example":
            raise httpx.ConnectError("There is no host nowhere.example.", request=request)
        if request.url.path == "/shy" and request.method == "GET":
            return httpx.Response(410)
        headers = {"location": "/gone"} if request.url.path == "/moved" else {}
        return httpx.Response(answers[request.url.path], headers=headers)

    addresses = [f"https://site.example{path}" for path in answers] + ["https://nowhere.example/"]
    article = version("a", " ".join(f"[x]({address})" for address in addresses))
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        found = await dead(external(links_of(article), PUBLIC_URL), WebAsks(client))
    assert {one.facts["target"].partition("example")[2] for one in found} == {"/gone", "/moved", "/shy", "/"}
    assert {one.kind for one in found} == {"dead-link"}


@pytest.mark.parametrize("given", [date(2026, 1, 2), "2026-01-02", " 2026-01-02T00:00:00"])
def test_a_review_date_is_read_in_any_usual_form(given: object) -> None:
    assert review_of({"review": given}) == date(2026, 1, 2)


@pytest.mark.parametrize("given", ["soon", 5, None, "", ["2026-01-02"]])
def test_a_review_date_that_says_nothing_is_passed_over(given: object) -> None:
    assert review_of({"review": given}) is None


def test_what_is_overdue_unread_or_unhelpful_is_told() -> None:
    old, new = version("old", "Old.", review="2026-01-02"), version("new", "New.", review="2027-01-02")
    assert [one.subject for one in overdue([old, new], date(2026, 1, 2))] == [("old",)]
    assert [one.subject for one in never_retrieved([old, new], frozenset({"new"}), 200)] == [("old",)]
    assert never_retrieved([old, new], frozenset(), 199) == []
    votes = {("old", 1): (1, 4), ("new", 1): (3, 3), ("new", 2): (0, 9)}
    assert [one.subject for one in unhelpful([old, new], votes)] == [("old",)]
    assert unhelpful([old], {("old", 1): (0, 4)}) == []


def test_a_missing_translation_is_told_only_where_translating_is_usual() -> None:
    both = [version("a", slug="x"), version("b", slug="x", locale="de"), version("c", slug="y")]
    assert [(one.subject, one.facts["missing"]) for one in untranslated(translations(both))] == [(("y",), ["de"])]
    assert untranslated(translations([version("a", slug="x"), version("c", slug="y")])) == []

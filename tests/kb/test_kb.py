"""The help centre keeps the promises that its readers and the bot rely on."""

import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.accounts.secrecy import SHORTEST_PASSWORD

KB = Path(__file__).parents[2] / "kb"
CATEGORIES = {
    "getting-started": "Getting started",
    "for-customers": "For customers",
    "for-agents": "For agents",
    "for-admins": "For admins",
    "knowledge-base": "Knowledge base",
    "models-and-money": "Models and money",
    "developers": "Developers",
    "security-and-privacy": "Security and privacy",
    "troubleshooting": "Troubleshooting",
}
FIELDS = {"title", "slug", "category", "audience", "locale", "summary", "updated"}
ARTICLES = sorted(KB.rglob("*.md"))

_PARTS = re.compile(r"---\n(.*?)\n---\n\n(.+)", re.DOTALL)
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`]*`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def parts(path: Path) -> tuple[dict[str, Any], str]:
    found = _PARTS.fullmatch(path.read_text("utf-8"))
    assert found, f"{path.name} has no front matter followed by an empty line"
    return yaml.safe_load(found[1]), found[2]


def prose(body: str) -> str:
    return _CODE.sub("", _FENCE.sub("", body))


each_article = pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)


def test_there_are_at_least_48_articles() -> None:
    assert len(ARTICLES) >= 48


def test_every_category_has_articles() -> None:
    assert {path.parent.name for path in ARTICLES} == set(CATEGORIES)


@pytest.mark.parametrize("field", ["title", "slug", "summary"])
def test_no_two_articles_share_a_title_a_slug_or_a_summary(field: str) -> None:
    counted = Counter(parts(path)[0][field].lower() for path in ARTICLES)
    assert [value for value, times in counted.items() if times > 1] == []


@each_article
def test_front_matter_is_complete_and_of_the_right_kinds(path: Path) -> None:
    front, _ = parts(path)
    assert set(front) == FIELDS
    assert isinstance(front["updated"], date)
    assert all(isinstance(front[name], str) and front[name].strip() for name in FIELDS - {"updated"})
    assert (front["audience"], front["locale"]) == ("public", "en")


@each_article
def test_an_article_lies_where_its_slug_and_category_say(path: Path) -> None:
    front, _ = parts(path)
    assert (path.stem, CATEGORIES[path.parent.name]) == (front["slug"], front["category"])
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", front["slug"])


@each_article
def test_the_body_begins_with_a_paragraph_and_has_sections_but_no_title(path: Path) -> None:
    _, body = parts(path)
    headings = re.findall(r"^(#+) ", _FENCE.sub("", body), re.MULTILINE)
    assert body[0] not in "#-|>`"
    assert headings
    assert set(headings) <= {"##", "###"}


@each_article
def test_internal_links_lead_to_articles_and_there_are_no_others(path: Path) -> None:
    _, body = parts(path)
    targets = _LINK.findall(prose(body))
    known = {f"/help/{article.stem}" for article in ARTICLES}
    assert targets, "an article links to what belongs to it"
    assert [target for target in targets if target not in known] == []
    assert f"/help/{path.stem}" not in targets


@each_article
def test_an_article_is_short_enough_to_read_and_long_enough_to_help(path: Path) -> None:
    _, body = parts(path)
    assert 150 <= len(body.split()) <= 450


@each_article
def test_the_opening_names_its_subject(path: Path) -> None:
    opening = parts(path)[1].split()[0]
    assert opening.strip(",") not in {"It", "This", "That", "They", "These", "Those", "Here"}


def test_what_is_said_about_the_length_of_passwords_is_true() -> None:
    said = [re.findall(r"at least (\d+) characters", path.read_text()) for path in ARTICLES]
    assert {int(number) for numbers in said for number in numbers} == {SHORTEST_PASSWORD}

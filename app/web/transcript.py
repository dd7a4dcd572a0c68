"""A conversation to keep: as plain text, or as a page without scripts."""

from html import escape
from typing import Any

AUTHORS = {"customer": "You", "bot": "Assistant", "system": "Note"}


def text(view: dict[str, Any]) -> str:
    """One paragraph a message, sources below."""
    paragraphs = [f"Conversation {view['id']}", *(_paragraph(message) for message in view["messages"])]
    return "\n\n".join(paragraphs) + "\n"


def page(view: dict[str, Any]) -> str:
    """The same as HTML. Nothing that was written becomes markup."""
    articles = "\n".join(_article(message) for message in view["messages"])
    locale, title = escape(view["locale"], quote=True), f"Conversation {escape(view['id'])}"
    return (
        f'<!doctype html>\n<html lang="{locale}">\n<head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body>\n<h1>{title}</h1>\n{articles}\n</body>\n</html>\n"
    )


def _paragraph(message: dict[str, Any]) -> str:
    return "\n".join([f"[{_moment(message)}] {_author(message)}:", message["text"], *_sources(message)])


def _article(message: dict[str, Any]) -> str:
    heading = f"<h2>{escape(_author(message))}, <time>{escape(_moment(message))}</time></h2>"
    said = escape(message["text"]).replace("\n", "<br>\n")
    sources = "".join(f"<li>{escape(source)}</li>" for source in _sources(message))
    return f"<article>{heading}<p>{said}</p>{f'<ul>{sources}</ul>' if sources else ''}</article>"


def _author(message: dict[str, Any]) -> str:
    return str(message["name"] or AUTHORS.get(message["author"], message["author"]))


def _moment(message: dict[str, Any]) -> str:
    return str(message["created_at"])[:16].replace("T", " ") + " UTC"


def _sources(message: dict[str, Any]) -> list[str]:
    named = {one["number"]: f"[{one['number']}] {one['title']}: {one['url']}" for one in message["citations"]}
    return [named[number] for number in sorted(named)]

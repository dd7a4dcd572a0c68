"""JSON files: what a help desk exports, or a list of rows."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from app.knowledge.readings import Reading
from ingest.loaders.helpdesk import Article, articles_of, readings_of
from ingest.loaders.refusal import Refused, Unreadable
from ingest.loaders.rows import Row, documents

DEEPEST = 8
MOST_ARTICLES = 100_000


class _Names(NamedTuple):
    """What sections and categories are called, by their ids."""

    sections: Mapping[str, str]
    above: Mapping[str, str]

    def of(self, values: Mapping[str, Any]) -> str:
        """The category of an article, or its section where no category is named."""
        section = str(values.get("section_id") or values.get("folder_id") or "")
        return self.above.get(section) or self.sections.get(section, "")


def load(name: str, text: str) -> Iterator[Reading | Refused]:
    """The published articles of an export; of any other file its rows."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Unreadable("This file is not valid JSON.") from error
    found = list(_articles(value, _names(value), "", DEEPEST))
    if found:
        if not any(article.published for article in found):
            raise Unreadable("All articles of this export are drafts, so none is read.")
        for article in found[:MOST_ARTICLES]:
            yield from readings_of(article)
        return
    rows = value if isinstance(value, list) else [value]
    if not all(isinstance(row, Mapping) for row in rows):
        raise Unreadable("This file is neither a list of objects nor an export that we know.")
    yield from documents(name, [Row(number, row) for number, row in enumerate(rows, start=1)])


def _articles(value: Any, names: _Names, category: str, depth: int) -> Iterator[Article]:  # noqa: ANN401  # any JSON
    if depth == 0:
        return
    if isinstance(value, list):
        for one in value:
            yield from _articles(one, names, category, depth - 1)
    elif isinstance(value, Mapping):
        found = articles_of(value, names.of(value) or category)
        if found is not None:
            yield from found
            return
        here = str(value.get("name") or "") if {"folders", "articles", "sections"} & value.keys() else ""
        for inside in value.values():
            yield from _articles(inside, names, category or here, depth - 1)


def _names(value: Any) -> _Names:  # noqa: ANN401  # any JSON
    """Zendesk gives sections and categories beside the articles."""
    beside = value if isinstance(value, Mapping) else {}
    categories = {str(one.get("id")): str(one.get("name") or "") for one in _objects(beside.get("categories"))}
    sections = {str(one.get("id")): one for one in _objects(beside.get("sections"))}
    above = {id_: categories.get(str(one.get("category_id")), "") for id_, one in sections.items()}
    return _Names({id_: str(one.get("name") or "") for id_, one in sections.items()}, above)


def _objects(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401  # any JSON
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []

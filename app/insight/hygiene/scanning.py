"""One look at everything that is published: from passages, vectors and links to findings. Pure, but for its length."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.insight.hygiene.addresses import Link, Shelf, links_of
from app.insight.hygiene.contradictions import Contradiction, Said, contradictions
from app.insight.hygiene.duplicates import FORM, Repetition, repetitions
from app.insight.hygiene.findings import Finding, Place
from app.knowledge.types import DocumentVersion, Passage, Vectors

SHOWN = 6
"""Places of one finding that are kept with it; more of them say nothing new."""


def contradicting(passages: Sequence[Passage]) -> list[Finding]:
    """One finding for each two sections that contradict each other, with all the sentences in which they do."""
    groups: dict[tuple[tuple[str, str], ...], list[Contradiction]] = {}
    for found in contradictions(passages):
        one, other = sorted((found.one, found.other), key=_section)
        pair = Contradiction(one, other, found.difference)
        groups.setdefault((_section(one), _section(other)), []).append(pair)
    return [_contradiction(sections, found) for sections, found in groups.items()]


def repeating(passages: Sequence[Passage], vectors: Vectors) -> list[Finding]:
    """One finding for each two documents that repeat each other, and for each text that many share."""
    return [_repetition(found) for found in repetitions(passages, vectors)]


@dataclass(frozen=True, slots=True)
class Placed:
    """A document version and the name it has in its source."""

    version: DocumentVersion
    place: str


def leading_nowhere(documents: Iterable[Placed], shelf: Shelf) -> list[Finding]:
    """One finding for each document and target that is not there."""
    found: dict[tuple[str, str], Finding] = {}
    for document in documents:
        for link in links_of(document.version):
            problem = shelf.problem(link, document.place)
            if problem:
                found.setdefault((document.version.document_id, link.target), broken(link, problem))
    return list(found.values())


def broken(link: Link, problem: str) -> Finding:
    """A link that leads nowhere, and why."""
    version = link.version
    place = Place(
        version.document_id,
        version.number,
        version.title,
        "",
        link.start,
        link.end,
        version.text[link.start : link.end],
        version.audience,
    )
    title = f"A link in “{version.title}” leads nowhere"
    facts = {"target": link.target, "problem": problem}
    return Finding("broken-link", (version.document_id, link.target), title, (link.target,), (place,), facts)


def with_owners(findings: Iterable[Finding], owners: Mapping[str, str]) -> list[Finding]:
    """Each finding with the owner of its first document that has one."""
    return [
        Finding(
            one.kind,
            one.subject,
            one.title,
            one.says,
            one.places,
            one.facts,
            next((owners[place.document_id] for place in one.places if owners.get(place.document_id)), ""),
        )
        for one in findings
    ]


def _section(said: Said) -> tuple[str, str]:
    return (said.passage.document_id, said.passage.heading)


def _contradiction(sections: tuple[tuple[str, str], ...], found: Sequence[Contradiction]) -> Finding:
    pairs = list(dict.fromkeys((_sentence(one.one), _sentence(one.other)) for one in found))
    places = tuple(place for pair in pairs[: SHOWN // 2] for place in pair)
    one, other = found[0].one.passage, found[0].other.passage
    return Finding(
        "contradiction",
        tuple(part for section in sections for part in section),
        f"“{one.title}” and “{other.title}” contradict each other",
        tuple(sorted(place.text for pair in pairs for place in pair)),
        places,
        {"differs_by": sorted({one.difference for one in found}), "sentences": len(pairs)},
    )


def _sentence(said: Said) -> Place:
    return Place.of(said.passage, said.clause.start, said.clause.end)


def _repetition(found: Repetition) -> Finding:
    documents = sorted({one.document_id for one in found.passages})
    titles = list(dict.fromkeys(one.title for one in found.passages))
    many = len(documents) > FORM
    named = " and ".join(f"“{title}”" for title in titles[:FORM])
    return Finding(
        "duplicate",
        ("text", min(one.text for one in found.passages)) if many else tuple(documents),
        f"{len(documents)} documents hold the same text" if many else f"{named} say nearly the same",
        tuple(sorted({one.text for one in found.passages})),
        tuple(Place.of(one) for one in found.passages[:SHOWN]),
        {"overlap": found.overlap, "documents": len(documents), "passages": len(found.passages)},
    )

"""What grows old: documents past their review date, that no question finds, that do not help, that lack a language."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from app.insight.hygiene.findings import Finding, Place
from app.knowledge.reviews import review_of
from app.knowledge.types import DocumentVersion

FEWEST_TURNS = 200
"""Questions after which silence says something."""
FEWEST_VOTES = 5
HALF = 0.5
EXCERPT = 240


def overdue(versions: Iterable[DocumentVersion], today: date) -> list[Finding]:
    """Documents whose review date has come."""
    return [
        Finding(
            "overdue",
            (version.document_id,),
            f"“{version.title}” was to be reviewed by {due.isoformat()}",
            (due.isoformat(), str(version.number)),
            (beginning(version),),
            {"due": due.isoformat()},
        )
        for version in versions
        if (due := review_of(version.front_matter)) and due <= today
    ]


def never_retrieved(versions: Sequence[DocumentVersion], found: frozenset[str], turns: int) -> list[Finding]:
    """Documents that were among the passages of no question, once there were enough questions to tell."""
    if turns < FEWEST_TURNS:
        return []
    return [
        Finding(
            "never-retrieved",
            (version.document_id,),
            f"No question found “{version.title}”",
            (str(version.number),),
            (beginning(version),),
            {"questions": turns},
        )
        for version in versions
        if version.document_id not in found
    ]


def unhelpful(versions: Iterable[DocumentVersion], votes: Mapping[tuple[str, int], tuple[int, int]]) -> list[Finding]:
    """Articles of which most readers said that they did not help, once enough of them spoke."""
    found = []
    for version in versions:
        helped, not_helped = votes.get((version.document_id, version.number), (0, 0))
        if helped + not_helped >= FEWEST_VOTES and helped < HALF * (helped + not_helped):
            title = f"“{version.title}” did not help {not_helped} of {helped + not_helped} readers"
            facts = {"helped": helped, "not_helped": not_helped}
            says = (str(version.number),)
            found.append(Finding("unhelpful", (version.document_id,), title, says, (beginning(version),), facts))
    return found


def untranslated(groups: Mapping[str, Mapping[str, DocumentVersion]]) -> list[Finding]:
    """Articles that lack a language which at least half of the translated ones have; `groups` by name, by locale."""
    translated = [by for by in groups.values() if len(by) > 1]
    locales = {locale for by in translated for locale in by}
    usual = sorted(one for one in locales if sum(one in by for by in translated) >= HALF * len(translated))
    return [_untranslated(name, by, missing) for name, by in groups.items() if (missing := set(usual) - set(by))]


def _untranslated(name: str, by: Mapping[str, DocumentVersion], missing: set[str]) -> Finding:
    version, lacks = by[min(by)], sorted(missing)
    title = f"“{version.title}” is not there in {', '.join(lacks)}"
    return Finding("untranslated", (name,), title, tuple(lacks), (beginning(version),), {"missing": lacks})


def beginning(version: DocumentVersion) -> Place:
    """The first lines of a document, to know it by."""
    end = len(version.text) if len(version.text) <= EXCERPT else version.text.rfind(" ", 1, EXCERPT) + 1 or EXCERPT
    text = version.text[:end]
    return Place(version.document_id, version.number, version.title, "", 0, end, text, version.audience)

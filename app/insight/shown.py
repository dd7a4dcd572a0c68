"""Whether shown sentences are carried by just the spans that they cite: the sentence check, audited afterwards.

While an answer is written, a sentence is held against all passages of its turn, and cites what carries it. Here it is
held against nothing but those citations, as a reader would who follows them. What fails is an unsupported sentence
that was shown.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from app.answering.evidence import Evidence
from app.answering.grounding import check
from app.answering.markers import unmarked
from app.answering.sentencing import Cutter, Sentence
from app.answering.statements import read
from app.conversations.tables import EventRow
from app.database import Database
from app.knowledge.reranking import ClaimReader
from app.knowledge.types import Passage
from app.safety.links import Hosts

ANY = Hosts.of(["*"])
Shown = Mapping[str, Any]
"""A sentence as its event keeps it: {text, citations[]}."""


async def shown_in(database: Database, conversations: Collection[str], turns: Collection[str]) -> list[Shown]:
    """The sentences of these turns' answers, in order."""
    return await database.read(lambda session: _shown(session, conversations, turns))


def carried(shown: Sequence[Shown], known: Collection[str] = (), reader: ClaimReader | None = None) -> list[bool]:
    """For each shown claim, whether what it cites carries it. `known` are names that need no proof.

    Courtesy is no claim, nor is what cites nothing and only asks, or announces what follows. A sentence that quotes
    every span that it cites word for word, as the one that names a conflict does, is carried by them.
    """
    return [kept for one in shown for kept in _carried(one, known, reader)]


def _carried(shown: Shown, known: Collection[str], reader: ClaimReader | None) -> Iterator[bool]:
    text, quotes = unmarked(shown["text"])[0], _quotes(shown["citations"])
    if quotes and all(_plain(quote.text) in _plain(text) for quote in quotes):
        yield True
        return
    if not quotes and _announces(text):
        return
    evidence, cutter = Evidence.of(quotes, known, reader), Cutter()
    markers = "".join(f"[{number}]" for number in range(1, len(quotes) + 1))
    for sentence in (*cutter.feed(text), *cutter.flush()):
        verdict = check(Sentence(f"{sentence.text} {markers}", sentence.kind), evidence, ANY)
        if verdict.is_claim:
            yield verdict.kept


def _announces(text: str) -> bool:
    """Whether a question, a heading or a lead-in to a list, without a figure or an address in it."""
    body, said = text.strip(), read(text)
    formed = body.endswith(("?", ":")) or body.startswith("#") or (body.startswith("**") and body.endswith("**"))
    return formed and not said.amounts and not said.addresses


def _quotes(citations: Sequence[Mapping[str, Any]]) -> list[Passage]:
    """One passage for each that is cited, of nothing but the cited spans."""
    spans: dict[int, list[Mapping[str, Any]]] = {}
    for one in citations:
        spans.setdefault(one["number"], []).append(one)
    texts = ((found[0], "\n".join(one["quote"] for one in found)) for found in spans.values())
    return [
        Passage(str(one["number"]), one["document_id"], one["version"], one["title"], "", one["heading"], text, 0, 0)
        for one, text in texts
    ]


def _shown(session: Session, conversations: Collection[str], turns: Collection[str]) -> list[Shown]:
    mine = col(EventRow.conversation_id).in_(conversations) & col(EventRow.turn_id).in_(turns)
    said = select(col(EventRow.data)).where(mine & (col(EventRow.name) == "answer.sentence"))
    return list(session.execute(said.order_by(col(EventRow.conversation_id), col(EventRow.sequence))).scalars())


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(".")

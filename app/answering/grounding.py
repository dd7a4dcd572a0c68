"""Holds each sentence of an answer against the passages: what no passage supports is not shown."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.answering.citing import citations_of
from app.answering.courtesy import declines, is_courtesy, is_lead_in
from app.answering.events import Citation
from app.answering.evidence import Evidence
from app.answering.judging import Reason, Support, judge, judge_together
from app.answering.markers import marked, unmarked, without_foreign_links
from app.answering.rereading import reread
from app.answering.sentencing import Sentence
from app.answering.statements import Statement, read
from app.language import Kind, sentences
from app.safety.links import Hosts, bare_urls, web_address

MOST_CITED = 3

_CODE = re.compile(r"(`+).+?\1", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a sentence. `text` is what may be shown, its markers at its end; empty when it was dropped.

    `dropped` is then what its writer said, for whoever looks into the decision.
    """

    kept: bool
    text: str
    citations: tuple[Citation, ...]
    score: float
    reason: Reason
    kind: Kind = "paragraph"
    dropped: str = ""

    @property
    def is_claim(self) -> bool:
        """Whether the sentence says something that could be wrong."""
        return self.reason not in ("courtesy", "empty")


def check(sentence: Sentence, evidence: Evidence, hosts: Hosts) -> Verdict:
    """Find the passages that support this sentence, cite their exact spans, or drop it and say why."""
    body, cited = unmarked(sentence.text)
    body = without_foreign_links(body, hosts)
    if not read(body).sequence:
        return _dropped(sentence, "empty")
    if sentence.kind != "code" and not _own_urls(_CODE.sub("", body), hosts):
        return _dropped(sentence, "link")
    if is_courtesy(body, evidence) or (is_lead_in(body, evidence) and sentence.kind in ("paragraph", "heading")):
        return Verdict(kept=True, text=body, citations=(), score=1.0, reason="courtesy", kind=sentence.kind)
    supports = [_grounds(part, cited, evidence) for part in _claims(body, sentence.kind)]
    return _verdict(sentence, body, supports, evidence)


def support(claim: str, evidence: Evidence) -> Support | None:
    """The best ground for one claim in any passage."""
    found = _grounds(claim, (), evidence)
    return max(found, key=lambda one: one.score) if found else None


def _own_urls(text: str, hosts: Hosts) -> bool:
    return all(hosts.may_stand(web_address(text[start:end])) for start, end in bare_urls(text))


def _claims(body: str, kind: Kind) -> list[str]:
    parts = [body] if kind in ("code", "paragraph") else [span.text for span in sentences(body)]
    return [part for part in parts if read(part).stems or read(part).amounts] or [body]


def _grounds(text: str, cited: Iterable[int], evidence: Evidence) -> list[Support]:
    claim = read(text)
    return reread(text, claim, _best(claim, cited, evidence), evidence)


def _best(claim: Statement, cited: Iterable[int], evidence: Evidence) -> list[Support]:
    """Grounds in the cited passages; if none of them holds, one in another passage that does."""
    known = [number for number in cited if 0 < number <= len(evidence.passages)]
    grounds = [_ground(claim, number, evidence) for number in known]
    if any(ground and ground.holds for ground in grounds):
        return [ground for ground in grounds if ground and ground.holds][:MOST_CITED]
    together = _together(claim, [ground for ground in grounds if ground], evidence)
    if together or any(ground and ground.contradicts for ground in grounds):
        return together or [ground for ground in grounds if ground and ground.contradicts]
    others = [
        _ground(claim, number, evidence) for number in range(1, len(evidence.passages) + 1) if number not in known
    ]
    every = [ground for ground in (*grounds, *others) if ground]
    return [max(every, key=lambda one: (one.holds, one.score))] if every else []


def _ground(claim: Statement, number: int, evidence: Evidence) -> Support | None:
    exact = evidence.verbatim(claim, number)
    if exact:
        return Support(exact, 1.0, "verbatim")
    best: Support | None = None
    for window in evidence.windows(claim, number):
        judged = judge(claim, window, evidence.known)
        if judged.holds or judged.contradicts:
            # A longer window that happens to hold the same words must not outvote a contradiction.
            return judged
        best = max((one for one in (best, judged) if one), key=lambda one: one.score)
    return best


def _together(claim: Statement, grounds: Sequence[Support], evidence: Evidence) -> list[Support]:
    """A sentence that cites several passages may need all of them."""
    if len(grounds) < 2:  # noqa: PLR2004  # one alone was judged already
        return []
    return judge_together(claim, [ground.window for ground in grounds[:MOST_CITED]], evidence)


def _verdict(sentence: Sentence, body: str, supports: list[list[Support]], evidence: Evidence) -> Verdict:
    failing = [found for found in supports if not (found and found[0].holds)]
    if failing:
        reason: Reason = failing[0][0].reason if failing[0] else "unsupported"
        score = min((found[0].score if found else 0.0) for found in failing)
        return _dropped(sentence, "refusal" if declines(body) else reason, score)
    citations = citations_of([one.window for found in supports for one in found], evidence)
    numbers = tuple(dict.fromkeys(citation.number for citation in citations))
    grounds = [one for found in supports for one in found]
    return Verdict(
        kept=True,
        text=marked(body, numbers, sentence.kind),
        citations=citations,
        score=min(one.score for one in grounds),
        reason=_least({one.reason for one in grounds}),
        kind=sentence.kind,
    )


def _least(reasons: set[Reason]) -> Reason:
    """The weakest of the grounds on which a sentence is shown."""
    return next(one for one in ("reworded", "supported", "verbatim") if one in reasons)


def _dropped(sentence: Sentence, reason: Reason, score: float = 0.0) -> Verdict:
    said = sentence.text.strip()
    return Verdict(kept=False, text="", citations=(), score=score, reason=reason, kind=sentence.kind, dropped=said)

"""Work that can wait for the night: what it asks of models, and what it does with the answers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from app.answering.summarising import MOST_TOKENS, SUMMARY, summary_prompt, usable
from app.conversations.summaries import Summary, SummaryStore
from app.insight.gaps.drafting import GAP, clean, gap_options, gap_prompt, outline
from app.insight.gaps.grouping import placed
from app.insight.gaps.store import GapStore, new_gap_id
from app.insight.judged import judge_options, judge_prompt, opinion_in
from app.insight.opinions import OpinionStore
from app.knowledge.types import Vectors
from app.llm.batching.wire import Job
from app.llm.money.payer import Purpose
from app.llm.types import Options
from app.safety.redaction import scrubbed

MOST_JOBS = 200
SAMPLE = 50
"""Answers that are judged in a night."""
Embed = Callable[[list[str]], Awaitable[Vectors]]
Results = Sequence[Mapping[str, Any]]


class Work(Protocol):
    """Something that is done once a night for a workspace."""

    @property
    def name(self) -> str:
        """What batches call it."""
        ...

    @property
    def purpose(self) -> Purpose:
        """Whose route and budget it uses."""
        ...

    async def jobs(self, workspace_id: str, *, modelled: bool) -> list[Job]:
        """What is to be asked; what needs no model, or has none, is done at once."""
        ...

    async def deliver(self, workspace_id: str, model: str, results: Results) -> None:
        """Keep what came of it. May be told twice of the same results."""
        ...


@dataclass(frozen=True, slots=True)
class Summaries:
    """Summaries of conversations that were resolved."""

    store: SummaryStore
    workspace: str
    name: str = "summaries"
    purpose: Purpose = "summary"

    async def jobs(self, workspace_id: str, *, modelled: bool) -> list[Job]:
        """One for each resolved conversation that no model has summed up."""
        found = await self.store.unwritten(workspace_id, MOST_JOBS) if modelled else []
        talks = [talk for one in found if (talk := await self.store.talk(one))]
        options = Options(max_output_tokens=MOST_TOKENS)
        return [Job(f"{talk.id}:{talk.upto}", summary_prompt(talk, self.workspace), options) for talk in talks]

    async def deliver(self, workspace_id: str, model: str, results: Results) -> None:
        """Keep those that say nothing that was not said."""
        for one in results:
            conversation_id, _, upto = str(one["id"]).rpartition(":")
            talk = await self.store.talk(conversation_id, int(upto))
            text = usable(str(one["text"]), talk) if talk and one["stop"] == "stop" else ""
            if talk and text and talk.workspace_id == workspace_id:
                await self.store.keep(talk, Summary(text, "model", model, SUMMARY))


@dataclass(frozen=True, slots=True)
class Opinions:
    """What the judge says of a sample of the latest answers."""

    store: OpinionStore
    most: int = SAMPLE
    name: str = "opinions"
    purpose: Purpose = "judge"

    async def jobs(self, workspace_id: str, *, modelled: bool) -> list[Job]:
        """One for each answer of the sample."""
        cases = await self.store.unjudged(workspace_id, self.most) if modelled else []
        return [Job(case.id, judge_prompt(case), judge_options()) for case in cases]

    async def deliver(self, workspace_id: str, model: str, results: Results) -> None:
        """Keep those that can be read."""
        for one in results:
            opinion = opinion_in(str(one["text"]))
            if opinion:
                await self.store.keep(workspace_id, str(one["id"]), opinion, model)


@dataclass(frozen=True, slots=True)
class Gaps:
    """Groups of questions that found no answer, and articles for them."""

    store: GapStore
    embed: Embed
    workspace: str
    name: str = "gaps"
    purpose: Purpose = "draft"

    async def jobs(self, workspace_id: str, *, modelled: bool) -> list[Job]:
        """File the new questions, then one for each gap that lacks an article."""
        await self._file(workspace_id)
        materials = await self.store.undrafted(workspace_id, MOST_JOBS)
        if not modelled:
            for one in materials:
                values = {"draft": outline(one), "model": "", "prompt_version": GAP, "drafted_at": one.count}
                await self.store.keep_draft(workspace_id, one.gap_id, values)
            return []
        return [Job(f"{one.gap_id}:{one.count}", gap_prompt(one, self.workspace), gap_options()) for one in materials]

    async def deliver(self, workspace_id: str, model: str, results: Results) -> None:
        """Keep the drafts that are whole."""
        for one in results:
            gap_id, _, count = str(one["id"]).rpartition(":")
            text = clean(str(one["text"])) if one["stop"] == "stop" else ""
            if text:
                values = {"draft": text, "model": model, "prompt_version": GAP, "drafted_at": int(count)}
                await self.store.keep_draft(workspace_id, gap_id, values)

    async def _file(self, workspace_id: str) -> None:
        fresh = await self.store.unfiled(workspace_id)
        if not fresh:
            return
        vectors = await self.embed([one.text for one in fresh])
        # Groups of another embedding model cannot be compared with; they stay, and these questions begin others.
        groups = [one for one in await self.store.groups(workspace_id) if len(one.vector) == vectors.shape[1]]
        numbers, middles = await asyncio.to_thread(
            placed, vectors, [group.vector for group in groups], [group.count for group in groups]
        )
        ids = [group.id for group in groups] + [new_gap_id() for _ in range(len(middles) - len(groups))]
        filed = [(replace(one, text=scrubbed(one.text)), ids[at]) for one, at in zip(fresh, numbers, strict=True)]
        named = {gap_id: [round(float(value), 5) for value in middles[at]] for at, gap_id in enumerate(ids)}
        await self.store.file(workspace_id, filed, named)

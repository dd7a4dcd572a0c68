"""A model that writes one text, for tests of what models write for us and not for customers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from app.llm.errors import ModelError
from app.llm.types import Options, Part, Prompt, Stop, Text


@dataclass(frozen=True)
class Writer:
    """Says a text, or fails, after a while."""

    text: str = ""
    error: ModelError | None = None
    seconds: float = 0.0
    name: str = "luna"
    asked: list[tuple[Prompt, Options]] = field(default_factory=list)

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        self.asked.append((prompt, options))
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error
        yield Text(self.text)
        yield Stop("stop")

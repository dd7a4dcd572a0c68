"""A process that leads a call until it is killed: `python -m tests.llm.relay_child REDIS QUESTION`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

from app.llm.resilience.sharing import open_sharing
from app.llm.types import Options, Part, Prompt, Text, Turn


@dataclass(frozen=True)
class Endless:
    """Says one word and then nothing."""

    speaks: bool
    name: str = "slow"

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        del prompt, options
        print("asked", flush=True)
        if self.speaks:
            yield Text("one ")
        await asyncio.Event().wait()


async def _main(redis: str, question: str, speaks: str) -> None:
    model = open_sharing(redis)(Endless(speaks == "speaks"))
    async for _ in model.stream(asking(question), Options()):
        print("heard", flush=True)


def asking(question: str) -> Prompt:
    return Prompt("You answer.", (Turn("user", question),), question)


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))

"""Asking a model, whatever it is made of."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from app.llm.types import Model, Options, Part, Prompt


def ignore(_: object) -> None:
    """Tell nobody."""


@asynccontextmanager
async def asked(model: Model, prompt: Prompt, options: Options) -> AsyncIterator[AsyncIterator[Part]]:
    """The model's answer, hung up when the block ends: a stream that nobody reads must not go on costing money."""
    answer = model.stream(prompt, options)
    try:
        yield answer
    finally:
        if isinstance(answer, AsyncGenerator):
            await answer.aclose()

"""Asking the same model again, when that can help and while it is affordable."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from app.llm.errors import ModelError
from app.llm.gateway import asked, ignore
from app.llm.types import Model, Options, Part, Prompt

LONGEST_WAIT_S = 8.0
"""For all tries before the last and their pauses: what takes longer is worth no wait, so another model is asked."""


def backoff(retry: int) -> float:
    """Seconds before the given retry, with full jitter: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/."""
    return random.uniform(0, min(LONGEST_WAIT_S, 0.5 * 2**retry))  # noqa: S311  # spreads load, guards nothing


@dataclass(slots=True)
class RetryBudget:
    """How often we may ask again in all: when everything fails, retries must not double the load.

    Every call earns a tenth of a retry; a few are there from the start, and not many can be saved up.
    """

    earned: float = 0.1
    most: float = 10.0
    left: float = 2.0

    def called(self) -> None:
        """One more call was made."""
        self.left = min(self.most, self.left + self.earned)

    def spend(self) -> bool:
        """Whether one more retry is affordable; it is then spent."""
        if self.left < 1:
            return False
        self.left -= 1
        return True


@dataclass(frozen=True, slots=True)
class Retried:
    """Asks again when that can help and nothing was heard yet: what a customer may have seen is not said twice."""

    model: Model
    retries: int = 2
    wait: Callable[[int], float] = backoff
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    on_retry: Callable[[ModelError], None] = ignore
    budget: RetryBudget = field(default_factory=RetryBudget)
    clock: Callable[[], float] = time.monotonic

    @property
    def name(self) -> str:
        """The name of the model that is asked."""
        return self.model.name

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        """Yield the parts of the first try that speaks. Raises the last error."""
        self.budget.called()
        latest = self.clock() + LONGEST_WAIT_S
        for retry in range(self.retries + 1):
            begun = False
            try:
                async with asked(self.model, prompt, options) as answer:
                    async for part in answer:
                        begun = True
                        yield part
                return
            except ModelError as error:
                pause = error.retry_after_s or self.wait(retry)
                in_time = retry < self.retries and self.clock() + pause <= latest
                if error.remedy != "retry" or begun or not in_time or not self.budget.spend():
                    raise
                self.on_retry(error)
            await self.sleep(pause)

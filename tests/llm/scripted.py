"""Models that follow a script, clocks that are set and sleeps that take no time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from app.llm.errors import ModelError
from app.llm.types import Model, Options, Part, Prompt, Stop, Text, Usage

PROMPT = Prompt("", ())
ANSWER: list[Part | ModelError] = [Text("Yes."), Usage(3, 2), Stop("stop")]


@dataclass
class Scripted:
    """A model that follows a script: each call takes the next act, an error among its parts is raised."""

    acts: list[list[Part | ModelError]]
    name: str = "scripted"
    calls: int = 0
    hung_up: bool = False

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        act = self.acts[min(self.calls, len(self.acts) - 1)]
        self.calls += 1
        try:
            for part in act:
                if isinstance(part, ModelError):
                    raise part
                yield part
        except GeneratorExit:
            self.hung_up = True
            raise


@dataclass
class Sleeper:
    """Sleeps in no time, and remembers how long."""

    naps: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.naps.append(seconds)


@dataclass
class Clock:
    """Stands still until it is moved; sleeping moves it."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def busy(retry_after: float | None = None) -> ModelError:
    return ModelError("rate_limit", "slow down", 429, retry_after_s=retry_after)


async def heard(model: Model) -> list[Part]:
    return [part async for part in model.stream(PROMPT, Options())]

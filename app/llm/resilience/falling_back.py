"""Asking another model when one does not speak."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from app.llm.errors import ModelError
from app.llm.gateway import asked, ignore
from app.llm.types import Model, Options, Part, Prompt, Text


@dataclass(frozen=True, slots=True)
class FirstAvailable:
    """Asks models in order until one speaks. Once a text was yielded the answer is that model's, whatever comes."""

    models: tuple[Model, ...]
    on_fallback: Callable[[ModelError], None] = ignore

    @property
    def name(self) -> str:
        """The name of the model that is asked first."""
        return self.models[0].name

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        """Yield one model's parts. Raises the last model's error when none speaks, or one that no other can mend."""
        for model in self.models:
            spoken = False
            try:
                async with asked(model, prompt, options) as answer:
                    async for part in answer:
                        spoken = spoken or isinstance(part, Text)
                        yield part
                return
            except ModelError as error:
                if spoken or error.remedy == "tell" or model is self.models[-1]:
                    raise
                self.on_fallback(error)

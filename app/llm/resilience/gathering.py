"""Text in fewer pieces: whoever listens wants sentences, not tokens."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from app.llm.errors import ModelError
from app.llm.gateway import asked
from app.llm.types import Model, Options, Part, Prompt, Text

_MAY_END_SENTENCE = re.compile(r"""[.!?…:;\n。！？؟।"'”’»)\]]""")
MOST_CHARACTERS = 200
LOOK_AHEAD = 3
"""How many characters after its end tell that a sentence has ended: `answering.sentencing` wants two."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Holds text back until a sentence may have ended, and lets pass what comes next and tells whether it did.

    Each token wakes everybody who stands between a provider and a turn; gathered, a hundred tokens wake them twenty
    times. The first piece passes at once, because the time until it came is measured.
    """

    model: Model

    @property
    def name(self) -> str:
        """The name of the model that is asked."""
        return self.model.name

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        """Yield the model's parts in order, and the text that is held back before anything else, an error too."""
        held = _Held()
        async with asked(self.model, prompt, options) as parts:
            try:
                async for part in parts:
                    for ready in held.take(part):
                        yield ready
            except ModelError:
                for ready in held.rest():
                    yield ready
                raise
        for ready in held.rest():
            yield ready


@dataclass(slots=True)
class _Held:
    text: str = ""
    since_end: int = 0

    def take(self, part: Part) -> tuple[Part, ...]:
        """What may pass now."""
        if not isinstance(part, Text):
            return *self.rest(), part
        self.text += part.text
        passes = self.since_end < LOOK_AHEAD or len(self.text) > MOST_CHARACTERS
        ends = _MAY_END_SENTENCE.search(part.text) is not None
        self.since_end = 0 if ends else self.since_end + len(part.text.strip())
        return self.rest() if passes or ends else ()

    def rest(self) -> tuple[Part, ...]:
        """What was held back."""
        text, self.text = self.text, ""
        return (Text(text),) if text else ()

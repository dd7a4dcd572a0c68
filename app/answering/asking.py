"""Asks a model for a short text that is used whole or not at all."""

import structlog

from app.llm.errors import ModelError
from app.llm.gateway import asked
from app.llm.outcome import Outcome
from app.llm.types import Model, Options, Prompt

log = structlog.get_logger()


async def text_of(model: Model, prompt: Prompt, options: Options, trouble: str) -> str:
    """What the model writes; nothing when it fails, which is logged as `trouble`, or does not come to its end."""
    outcome = Outcome(model.name)
    try:
        async with asked(model, prompt, options) as parts:
            async for part in parts:
                outcome.add(part)
    except ModelError as error:
        log.info(trouble, model=model.name, kind=error.kind)
        return ""
    return outcome.text if outcome.stop and outcome.stop.reason == "stop" else ""

"""Which models have a batch interface, and where it is."""

from app.llm.batching.anthropic_batches import AnthropicBatches
from app.llm.batching.openai_batches import OpenAIBatches
from app.llm.batching.wire import BatchProvider, Door
from app.llm.wire.dialect import bearer
from app.llm.wire.remote import RemoteModel

ANTHROPIC_VERSION = "2023-06-01"


def batch_provider(model: RemoteModel, dialect: str) -> BatchProvider | None:
    """The batch interface of this model's provider; none where there is none."""
    at, key = model.endpoint, model.endpoint.api_key
    if dialect == "anthropic":
        door = Door(model.client, at.base_url, {"x-api-key": key or "", "anthropic-version": ANTHROPIC_VERSION})
        return AnthropicBatches(model.name, door, at, model.dialect)
    paths = {"openai-chat": "/v1/chat/completions", "openai-responses": "/v1/responses"}
    if dialect in paths:
        return OpenAIBatches(
            model.name, Door(model.client, at.base_url, bearer(key)), at, model.dialect, paths[dialect]
        )
    return None

"""Which models have a batch interface, and where it is."""

from collections.abc import Mapping

import httpx

from app.llm.batching.anthropic_batches import AnthropicBatches
from app.llm.batching.batches import Batches, Way
from app.llm.batching.bills import BatchPrices
from app.llm.batching.handing_in import HandedIn
from app.llm.batching.kept import BatchStore
from app.llm.batching.one_by_one import OneByOne
from app.llm.batching.openai_batches import OpenAIBatches
from app.llm.batching.wire import BatchProvider, Door
from app.llm.connecting import EXTRACTIVE, ModelChoice, connected
from app.llm.money.books import Books
from app.llm.types import Model
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


def open_batches(  # a model, and all that its batches need
    store: BatchStore,
    choice: ModelChoice,
    model: Model,
    books: Books,
    client: httpx.AsyncClient,
    environment: Mapping[str, str],
) -> Batches:
    """The batches of this model: handed in where its provider takes them, else asked one by one."""
    prices, provider = BatchPrices(choice, books.allowance), None
    if choice.dialect != EXTRACTIVE:
        remote = connected(choice, environment, client, f'[[model]] "{choice.name}"')
        provider = batch_provider(remote, choice.dialect)
    way: Way = HandedIn(store, prices, provider, books.tell) if provider else OneByOne(store, prices, model)
    return Batches(store, way)

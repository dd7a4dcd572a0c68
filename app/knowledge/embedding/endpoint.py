"""The embedder that asks an OpenAI-compatible endpoint: text-embeddings-inference, Ollama, vLLM or a provider."""

import math
import threading
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
import stamina

from app.errors import Misconfigured, Unavailable
from app.knowledge.embedding.choice import Choice
from app.knowledge.types import Vectors

BATCH = 64
ATTEMPTS = 3
TIMEOUT = httpx.Timeout(60, connect=5)
WORTH_A_RETRY = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
CHARACTERS_PER_TOKEN = 3
"""Less than any tokenizer needs on average, so that a text counted to fit does fit."""


class _Busy(Exception):
    """The endpoint may answer if it is asked again."""


@dataclass(frozen=True, slots=True)
class EndpointEmbedder:
    """Vectors over `POST {url}/embeddings`, made to have length one.

    The endpoint does not say which weights it runs, so its address and model name stand for them: give a new model a
    new name. Tokens are estimated from characters, since the endpoint's tokenizer is not at hand.
    """

    client: httpx.Client
    model: str
    max_tokens: int
    query_prefix: str = ""
    passage_prefix: str = ""
    _known: dict[str, int] = field(default_factory=dict, init=False)
    _asking: threading.Lock = field(default_factory=threading.Lock, init=False)

    @property
    def fingerprint(self) -> str:
        """Address, model name, window and prefixes."""
        name = f"{self.model}@{self.client.base_url.host}:{self.client.base_url.port or ''}"
        prefixes = f"/{self.query_prefix!r},{self.passage_prefix!r}" if self.query_prefix or self.passage_prefix else ""
        return f"http/{name}/{self.max_tokens}t{prefixes}"

    @property
    def dimension(self) -> int:
        """How many numbers a vector has; the first to ask makes one request."""
        with self._asking:
            if "dimension" not in self._known:
                self._known["dimension"] = self._embed(["dimension"]).shape[1]
        return self._known["dimension"]

    def count_tokens(self, text: str) -> int:
        """About how many tokens this text has, rather too many than too few."""
        return math.ceil(len(text) / CHARACTERS_PER_TOKEN) + 2

    def embed_questions(self, texts: list[str]) -> Vectors:
        """One row a question."""
        return self._embed_all([self.query_prefix + text for text in texts])

    def embed_passages(self, texts: list[str]) -> Vectors:
        """One row a passage."""
        return self._embed_all([self.passage_prefix + text for text in texts])

    def _embed_all(self, texts: list[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
        return np.concatenate([self._embed(batch) for batch in batches])

    def _embed(self, texts: list[str]) -> Vectors:
        asking = stamina.RetryingCaller(attempts=ATTEMPTS).on((_Busy, httpx.TransportError))
        try:
            answer = asking(self._ask, texts)
        except (_Busy, httpx.HTTPError, ValueError) as error:
            reason = str(error) or type(error).__name__
            message = f"The embedding endpoint {self.client.base_url} does not answer: {reason}"
            raise Unavailable(message) from error
        return _unit_rows(answer, len(texts))

    def _ask(self, texts: list[str]) -> Any:  # noqa: ANN401  # JSON
        body = {"model": self.model, "input": texts, "encoding_format": "float"}
        response = self.client.post("embeddings", json=body)
        if response.status_code in WORTH_A_RETRY:
            raise _Busy(f"status {response.status_code}")
        if response.is_error:
            message = f"The embedding endpoint refused: {response.status_code} {response.text[:200]}"
            raise Misconfigured(message)
        return response.json()


def open_endpoint(choice: Choice) -> EndpointEmbedder:
    """The endpoint that the settings name; nothing is asked yet."""
    if choice.url is None:
        message = "ANSWERDESK_EMBED__BACKEND=http needs ANSWERDESK_EMBED__URL, the endpoint's address up to /v1."
        raise Misconfigured(message)
    headers = {"Authorization": f"Bearer {choice.api_key.get_secret_value()}"} if choice.api_key else {}
    client = httpx.Client(base_url=choice.url, headers=headers, timeout=TIMEOUT)
    return EndpointEmbedder(client, choice.model, choice.max_tokens, choice.query_prefix, choice.passage_prefix)


def _unit_rows(answer: Any, count: int) -> Vectors:  # noqa: ANN401  # JSON
    try:
        rows = sorted(answer["data"], key=lambda row: row["index"])
        vectors = np.array([row["embedding"] for row in rows], dtype=np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        message = "The embedding endpoint answered with something that is not a list of vectors."
        raise Unavailable(message) from error
    if len(vectors) != count or not np.all(np.isfinite(lengths)) or not np.all(lengths):
        message = f"The embedding endpoint answered {len(vectors)} usable vectors for {count} texts."
        raise Unavailable(message)
    unit: Vectors = vectors / lengths
    return unit

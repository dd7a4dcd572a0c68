import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
import stamina

from app.errors import Misconfigured, Unavailable
from app.knowledge.embedding import open_embedder
from app.knowledge.embedding.endpoint import EndpointEmbedder
from app.settings import EmbedSettings


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


class Endpoint:
    """Answers each text with (its length, 1), in reverse order; fails as often as it was told."""

    def __init__(self, failures: int = 0, status: int = 503) -> None:
        self.failures, self.status = failures, status
        self.requests: list[dict[str, object]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.requests.append(body)
        if len(self.requests) <= self.failures:
            return httpx.Response(self.status, text="not now")
        rows = [{"index": place, "embedding": [len(text), 1.0]} for place, text in enumerate(body["input"])]
        return httpx.Response(200, json={"data": rows[::-1]})


def embedder(endpoint: Endpoint, **choices: str) -> EndpointEmbedder:
    client = httpx.Client(base_url="http://embed.test/v1", transport=httpx.MockTransport(endpoint))
    return EndpointEmbedder(client, "bge-m3", 256, **choices)


def test_rows_come_in_the_order_of_the_texts_and_have_length_one() -> None:
    vectors = embedder(Endpoint()).embed_passages(["abc", ""])
    assert np.allclose(vectors, [[3 / np.sqrt(10), 1 / np.sqrt(10)], [0, 1]])


def test_many_texts_go_in_batches() -> None:
    endpoint = Endpoint()
    assert embedder(endpoint).embed_passages(["text"] * 130).shape == (130, 2)
    assert [len(str(request["input"]).split(",")) for request in endpoint.requests] == [64, 64, 2]


def test_no_text_gives_no_row() -> None:
    assert embedder(Endpoint()).embed_passages([]).shape == (0, 2)


def test_prefixes_are_put_before_the_texts() -> None:
    endpoint = Endpoint()
    asking = embedder(endpoint, query_prefix="query: ", passage_prefix="passage: ")
    asking.embed_questions(["q"])
    asking.embed_passages(["p"])
    assert [request["input"] for request in endpoint.requests] == [["query: q"], ["passage: p"]]


def test_a_busy_endpoint_is_asked_again() -> None:
    endpoint = Endpoint(failures=2, status=429)
    assert embedder(endpoint).embed_questions(["a"]).shape == (1, 2)
    assert len(endpoint.requests) == 3


def test_an_endpoint_that_stays_busy_is_unavailable() -> None:
    with pytest.raises(Unavailable, match=r"http://embed.test/v1/ does not answer: status 503"):
        embedder(Endpoint(failures=9)).embed_questions(["a"])


def test_a_refusal_is_not_repeated() -> None:
    endpoint = Endpoint(failures=9, status=401)
    with pytest.raises(Misconfigured, match="refused: 401 not now"):
        embedder(endpoint).embed_questions(["a"])
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"{}", b'{"data": [{"index": 0, "embedding": [0, 0]}]}', b'{"data": []}', b'{"data": [{"index": 0}]}'],
)
def test_an_answer_that_is_no_list_of_vectors_is_unavailable(body: bytes) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=body)

    client = httpx.Client(base_url="http://embed.test/v1", transport=httpx.MockTransport(answer))
    with pytest.raises(Unavailable):
        EndpointEmbedder(client, "bge-m3", 256).embed_questions(["a"])


def test_the_address_is_asked_for_in_words(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="ANSWERDESK_EMBED__URL"):
        open_embedder(EmbedSettings(backend="http"), tmp_path)


def test_opening_an_endpoint_asks_it_nothing(tmp_path: Path) -> None:
    choice = EmbedSettings(backend="http", url="http://127.0.0.1:9/v1", model="bge-m3")
    assert open_embedder(choice, tmp_path).fingerprint == "http/bge-m3@127.0.0.1:9/256t"

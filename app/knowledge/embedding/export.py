"""Prepare a model once: from sentence-transformers weights to an ONNX file that serves without torch."""

import logging
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from app.errors import Misconfigured
from app.knowledge.embedding.choice import Choice
from app.knowledge.embedding.manifest import FILE, GRAPH, TOKENIZER, Manifest, folder_of, read_manifest, sha256
from app.knowledge.embedding.onnx import OnnxEmbedder, open_prepared
from app.knowledge.embedding.tuned import moved
from app.knowledge.embedding.weights import Weights, find_weights

OPSET = 17
DYNAMIC_AXES = {
    "input_ids": {0: "texts", 1: "tokens"},
    "attention_mask": {0: "texts", 1: "tokens"},
    "vectors": {0: "texts"},
}
LEAST_PARITY = {"fp32": 0.9999, "int8": 0.97}
SAMPLES = (
    "How do I reset my password?",
    "Refunds",
    "An answer streams sentence by sentence, and each sentence is checked against the passage that it cites.",
    "Open Settings, choose Security, and then Turn off two-step login. You need your master password to confirm.",
    "The limit is 4,000 characters for a question and 25 MB for an upload; both can be changed by an administrator.",
    "Error 0x80070005: access denied while writing /var/lib/answerdesk/answerdesk.db",
    "Grüße aus München, ¿cómo estás?, 你好",
    "word " * 300,
)


def prepare(choice: Choice, model_dir: Path, say: Callable[[str], None]) -> Path:
    """Prepare the chosen model unless it is there already, and give its folder. `say` is told each step.

    Raises:
        Misconfigured: the weights are missing or wrong, torch is missing, or the result strays from the original.
    """
    folder = folder_of(choice.model, choice.precision, model_dir)
    if read_manifest(folder) is not None:
        say(f"The embedding model {choice.model} is prepared in {folder}.")
        return folder
    weights = find_weights(choice)
    say(f"Preparing the embedding model {choice.model} from {weights.origin} (once, about 20 seconds) …")
    model_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=model_dir, prefix=".preparing-") as place:
        manifest = _prepare(choice, weights, Path(place))
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(place, folder)
    say(f"Prepared in {folder}: {manifest.precision}, cosine to the original at least {manifest.parity:.4f}.")
    return folder


def _prepare(choice: Choice, weights: Weights, folder: Path) -> Manifest:
    """Write the graph, the tokenizer and, last, the manifest."""
    original = _load(weights)
    shutil.copyfile(weights.folder / TOKENIZER, folder / TOKENIZER)
    _write_graph(original, folder / GRAPH)
    if choice.precision == "int8":
        _quantise(folder / GRAPH)
    manifest = Manifest(
        model=choice.model,
        revision=weights.revision,
        origin=weights.origin,
        pooling=weights.pooling,
        precision="int8" if choice.precision == "int8" else "fp32",
        dimension=original.get_embedding_dimension(),
        max_tokens=original.max_seq_length,
        files={name: sha256(folder / name) for name in (GRAPH, TOKENIZER)},
        parity=0,
    )
    prepared = open_prepared(folder, manifest, choice, threads=1)
    manifest = manifest.model_copy(update={"parity": _parity(original, prepared)})
    (folder / FILE).write_text(manifest.model_dump_json(indent=2) + "\n")
    return manifest


def _load(weights: Weights) -> Any:  # noqa: ANN401  # sentence-transformers is not imported at the top
    try:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415  # only the preparation pays for it
        from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415  # the same
    except ImportError as error:
        message = "Preparing a model needs torch and `pip install answerdesk[model]`; `make run` installs both."
        raise Misconfigured(message) from error
    disable_progress_bar()  # it loads in a tenth of a second
    model = SentenceTransformer(
        str(weights.folder),
        device="cpu",
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={"attn_implementation": "eager"},
    )
    return moved(model, weights.delta) if weights.delta else model


def _write_graph(model: Any, path: Path) -> None:  # noqa: ANN401  # a SentenceTransformer
    """Trace the whole model, pooling and normalisation included, from token ids to vectors of length one."""
    import torch  # noqa: PLC0415  # only the preparation pays for it

    sample = model.tokenizer(["one text", "another text, longer"], padding=True, return_tensors="pt")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns about shapes that this model does not branch on
        torch.onnx.export(
            _from_ids(model).eval(),
            (sample["input_ids"], sample["attention_mask"]),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes=DYNAMIC_AXES,
            opset_version=OPSET,
            dynamo=False,
        )


def _from_ids(model: Any) -> Any:  # noqa: ANN401  # a SentenceTransformer in, a torch module out
    import torch  # noqa: PLC0415  # only the preparation pays for it

    typed = "token_type_ids" in model.tokenizer.model_input_names

    class FromIds(torch.nn.Module):  # type: ignore[misc]  # torch is not checked
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:  # noqa: ANN401  # tensors
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            if typed:
                features["token_type_ids"] = torch.zeros_like(input_ids)
            return torch.nn.functional.normalize(self.model(features)["sentence_embedding"], dim=1)

    return FromIds()


def _quantise(path: Path) -> None:
    """INT8 weights with one scale a channel: mean cosine 0.994 to the original. One scale a matrix gives 0.954."""
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415  # needs onnx, which serving lacks

    full = path.with_name("full.onnx")
    path.rename(full)
    logging.getLogger().addFilter(_no_quantiser_advice)
    try:
        quantize_dynamic(full, path, weight_type=QuantType.QInt8, per_channel=True)
    finally:
        logging.getLogger().removeFilter(_no_quantiser_advice)
    full.unlink()


def _no_quantiser_advice(record: logging.LogRecord) -> bool:
    """The quantiser advises a pre-processing that needs a static graph; ours takes any length."""
    return "pre-processing before quantization" not in record.getMessage()


def _parity(original: Any, prepared: OnnxEmbedder) -> float:  # noqa: ANN401  # a SentenceTransformer
    """The worst cosine between both over the samples."""
    original.max_seq_length = prepared.max_tokens
    expected = original.encode(list(SAMPLES), normalize_embeddings=True, show_progress_bar=False)
    worst = float(np.sum(expected * prepared.embed_passages(list(SAMPLES)), axis=1).min())
    if worst < LEAST_PARITY[prepared.traits.precision]:
        message = (
            f"Prepared at {prepared.traits.precision}, the model strays from the original (cosine {worst:.4f}). "
            "Set ANSWERDESK_EMBED__PRECISION=fp32."
        )
        raise Misconfigured(message)
    return worst

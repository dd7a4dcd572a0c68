"""Writes a trained reader as it serves: one ONNX graph at INT8, its tokenizer, and the manifest that names both.

python -m scripts.train_reader.export IN.pt FOLDER --version reader-1 --trained-on feedbackqa stackfaq …
"""

import argparse
import shutil
import warnings
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from app.knowledge.embedding.manifest import sha256
from app.knowledge.reading.artefact import FILE, GRAPH, TOKENIZER, Manifest
from app.knowledge.reading.windows import Pair
from scripts.train_reader.network import Reader, tensors, weights_folder

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
LICENCE = "Apache-2.0; weights alone, no text of the sets it was trained on. docs/reader.md says more."
OPSET = 17


def main() -> None:
    """Export, quantise, write the manifest last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--trained-on", nargs="+", required=True)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    write_graph(given.weights, given.folder / GRAPH)
    shutil.copyfile(weights_folder() / TOKENIZER, given.folder / TOKENIZER)
    manifest = Manifest(
        version=given.version,
        trained_on=tuple(given.trained_on),
        licence=LICENCE,
        files={name: sha256(given.folder / name) for name in (GRAPH, TOKENIZER)},
    )
    (given.folder / FILE).write_text(manifest.model_dump_json(indent=2) + "\n")
    print(f"{given.folder}: {(given.folder / GRAPH).stat().st_size / 1e6:.1f} MB")


def write_graph(weights: Path, target: Path) -> None:
    """Trace the reader and quantise its matrices, one scale a channel."""
    reader = Reader()
    reader.load_state_dict(torch.load(weights, weights_only=True))
    full = target.with_suffix(".full.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns about shapes that this model does not branch on
        torch.onnx.export(
            reader.eval(),
            tensors([Pair((101, 2054, 102, 2023, 102), 3), Pair((101, 102, 2023, 2003, 102), 2)]),
            str(full),
            input_names=list(INPUTS),
            output_names=["logits"],
            dynamic_axes={name: {0: "pairs", 1: "tokens"} for name in INPUTS} | {"logits": {0: "pairs"}},
            opset_version=OPSET,
            dynamo=False,
        )
    quantize_dynamic(full, target, weight_type=QuantType.QInt8, per_channel=True)
    full.unlink()


if __name__ == "__main__":
    main()

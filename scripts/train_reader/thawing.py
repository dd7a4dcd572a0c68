"""Takes the weights out of a reader that serves, so that one can be taught on from it."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from app.knowledge.reading.artefact import GRAPH, whole
from scripts.train_reader.network import LAYERS, Reader

_OF_A_LAYER = (
    "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
    "intermediate.dense", "output.dense",
)  # fmt: skip
_NAMELESS = [
    *(f"encoder.encoder.layer.{layer}.{part}.weight" for layer in range(LAYERS) for part in _OF_A_LAYER),
    "matters.weight",
]
"""The matrices whose names the export loses, in the order in which the graph keeps them."""


def thawed(folder: Path) -> Reader:
    """The reader of this folder in full precision. Its outputs differ from INT8's by some tenths of a logit."""
    whole(folder)
    kept = {one.name: numpy_helper.to_array(one) for one in onnx.load(folder / GRAPH).graph.initializer}
    stems = [name.removesuffix("_quantized") for name in kept if name.endswith("_quantized")]
    nameless = [stem for stem in stems if stem.startswith("onnx::")]
    names = dict(zip(nameless, _NAMELESS, strict=True))
    reader = Reader()
    state = {name: torch.tensor(kept[name]) for name in reader.state_dict() if name in kept}
    for stem in stems:
        name, matrix = names.get(stem, stem), torch.tensor(_full(kept, stem))
        fits = stem not in names and matrix.shape == reader.state_dict()[name].shape
        state[name] = matrix if fits else matrix.T.contiguous()
    reader.load_state_dict(state)
    return reader


def _full(kept: dict[str, np.ndarray], stem: str) -> np.ndarray:
    quantised, zero = kept[f"{stem}_quantized"].astype(np.float32), kept[f"{stem}_zero_point"].astype(np.float32)
    full: np.ndarray = (quantised - zero) * kept[f"{stem}_scale"]
    return full

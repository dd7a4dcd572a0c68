"""The embedding model of our own: all-MiniLM-L6-v2, moved by what it learnt from customers' questions.

Only what the weights moved by is kept here, at INT8 with one scale a row: the weights themselves come from where the
default model's come from. docs/embedder.md says what it was trained on and what it gains.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.errors import Misconfigured
from app.knowledge.embedding.manifest import sha256

OURS = "answerdesk-minilm-2"
DELTA = Path(__file__).with_name(f"{OURS}.safetensors")
DIGEST = "64c3d95608bb20cbdf37e3ec6756ee1233664bfdfc8c82f137968e081c8567ad"
SCALE = ".scale"


def checked_delta(delta: Path = DELTA) -> Path:
    """The file, when it is the one that was published.

    Raises:
        Misconfigured: it is missing or another.
    """
    if not delta.is_file() or sha256(delta) != DIGEST:
        message = f"{delta} is not the file that was published. Install Answerdesk again, or choose all-MiniLM-L6-v2."
        raise Misconfigured(message)
    return delta


def moved(model: Any, delta: Path) -> Any:  # noqa: ANN401  # a SentenceTransformer, which is not imported here
    """The loaded model with its weights where they belong."""
    move(dict(model[0].auto_model.named_parameters()), delta)
    return model


def move(weights: Mapping[str, Any], delta: Path) -> None:
    """Add to parameters, by their names, what they moved by."""
    import torch  # noqa: PLC0415  # only the preparation and bulk work pay for it
    from safetensors.torch import load_file  # noqa: PLC0415  # the same

    stored = load_file(delta)
    with torch.no_grad():
        for name in (name for name in stored if not name.endswith(SCALE)):
            scale = stored[name + SCALE]
            whole = stored[name].float()
            weights[name].add_(whole * (scale.reshape(-1, *[1] * (whole.dim() - 1)) if whole.dim() > 1 else scale))

"""The embedding model of our own: all-MiniLM-L6-v2, moved by what it learnt from customers' questions.

Only what the weights moved by is kept here, at INT8 with one scale a row: the weights themselves come from where the
default model's come from. docs/embedder.md says what it was trained on and what it gains.
"""

from pathlib import Path
from typing import Any

from app.errors import Misconfigured
from app.knowledge.embedding.manifest import sha256

OURS = "answerdesk-minilm-1"
DELTA = Path(__file__).with_name(f"{OURS}.safetensors")
DIGEST = "fac05acb7da0f975a6de678269b47741714b0b47eab695e9e6b82a52c358cb92"
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
    import torch  # noqa: PLC0415  # only the preparation and bulk work pay for it
    from safetensors.torch import load_file  # noqa: PLC0415  # the same

    stored = load_file(delta)
    weights = dict(model[0].auto_model.named_parameters())
    with torch.no_grad():
        for name in (name for name in stored if not name.endswith(SCALE)):
            scale = stored[name + SCALE]
            whole = stored[name].float()
            weights[name] += whole * (scale.reshape(-1, *[1] * (whole.dim() - 1)) if whole.dim() > 1 else scale)
    return model

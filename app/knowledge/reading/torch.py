"""A larger reader: any cross-encoder of sentence-transformers, by name or folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.errors import Misconfigured
from app.knowledge.reading.onnx import breadcrumb
from app.knowledge.types import Passage, Reading

ENTAILMENT = "entailment"
LONGEST = 512  # tokens


@dataclass(frozen=True, slots=True)
class TorchReader:
    """Reads whole passages. A model with one output says how relevant, one for inference says what follows from what.

    Its scores order passages; what they mean as a probability differs from model to model, so they decide nothing.
    """

    model: Any
    name: str
    column: int | None

    @property
    def infers(self) -> bool:
        """Whether it says what follows from what."""
        return self.column is not None

    def supports(self, claim: str, said: str) -> float:
        """How probably the claim follows from what is said; for a model for inference only."""
        logits = np.asarray(self.model.predict([(said, claim)], activation_fn=_as_it_is, show_progress_bar=False))
        return float(_softmax(logits)[0, self.column])

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """One reading a passage; whether it answers is not known and stays at even chances."""
        if not passages:
            return []
        pairs = [(question, f"{breadcrumb(one)}\n{one.text}".strip()) for one in passages]
        logits = np.asarray(self.model.predict(pairs, activation_fn=_as_it_is, show_progress_bar=False))
        chances = _softmax(logits)[:, self.column] if self.column is not None else 1 / (1 + np.exp(-logits.reshape(-1)))
        return [Reading(float(chance), 0.5) for chance in chances]


def open_torch(model: str, *, allow_download: bool) -> TorchReader:
    """Load a cross-encoder; takes seconds and hundreds of megabytes.

    Raises:
        Misconfigured: it is not on this machine, or torch is missing.
    """
    try:
        from sentence_transformers import CrossEncoder  # noqa: PLC0415  # six seconds, and our own reader needs none
    except ImportError as error:
        message = "ANSWERDESK_READER__MODEL names a model that needs torch and `pip install answerdesk[model]`."
        raise Misconfigured(message) from error
    try:
        loaded = CrossEncoder(
            model, local_files_only=not allow_download, trust_remote_code=False, max_length=LONGEST,
            model_kwargs={"use_safetensors": True},
        )  # fmt: skip
    except (OSError, ValueError) as error:
        message = (
            f"The reader {model} is not on this machine. Name its folder in ANSWERDESK_READER__MODEL, "
            "or allow one download with ANSWERDESK_READER__ALLOW_DOWNLOAD=true."
        )
        raise Misconfigured(message) from error
    names = {str(name).lower(): number for number, name in loaded.config.id2label.items()}
    if loaded.config.num_labels > 1 and ENTAILMENT not in names:
        message = f"The reader {model} has {loaded.config.num_labels} outputs and none is called {ENTAILMENT}."
        raise Misconfigured(message)
    return TorchReader(loaded, model, names.get(ENTAILMENT))


def _as_it_is(logits: Any) -> Any:  # noqa: ANN401  # a tensor
    return logits


def _softmax(logits: Any) -> Any:  # noqa: ANN401  # an array
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)

"""The reader that serves: our own small model under onnxruntime, without torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from app.knowledge.graphs import open_graph
from app.knowledge.reading.artefact import GRAPH, TOKENIZER, Manifest
from app.knowledge.reading.windows import FOR_PREMISES, Cutter, Pair
from app.knowledge.types import Passage, Reading

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class OnnxReader:
    """Reads questions beside passages, and claims beside what was said.

    One pair at a time, without padding: INT8 takes its scale from all that a run holds (see the embedder).
    """

    session: onnxruntime.InferenceSession
    cutter: Cutter
    name: str

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """Whether each passage is about the question, and whether it answers it, judged by its best stretch."""
        pairs = self.cutter.pairs(question, [(breadcrumb(one), one.text) for one in passages])
        return list(map(self._reading, pairs))

    def supports(self, claim: str, said: str) -> float:
        """How probably what is said carries the claim."""
        (pair,) = self.cutter.pairs(claim, [("", said)], FOR_PREMISES)
        return self.outputs(pair)[2]

    def _reading(self, pair: Pair) -> Reading:
        relevance, answers, _ = self.outputs(pair)
        return Reading(relevance, answers)

    def outputs(self, pair: Pair) -> list[float]:
        """relevance, answers, supports; each in [0, 1]."""
        ids = np.array([pair.ids], dtype=np.int64)
        parts = (np.arange(ids.shape[1])[None] >= pair.asked).astype(np.int64)
        fed: dict[str, Numbers] = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": parts}
        (rows,) = self.session.run(None, fed)
        outputs: list[float] = (1 / (1 + np.exp(-rows[0]))).tolist()
        return outputs


def breadcrumb(passage: Passage) -> str:
    """Title and headings, as the reader sees them."""
    return " › ".join(part for part in (passage.title, passage.heading) if part)


def open_trained(folder: Path, manifest: Manifest) -> OnnxReader:
    """Load a reader that was found whole; takes a few hundredths of a second."""
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return OnnxReader(open_graph(folder / GRAPH), Cutter(tokenizer), manifest.version)

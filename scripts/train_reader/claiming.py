"""Teaches a reader that serves what carries a claim that is said in other words; what it knew of questions stays.

    python -m scripts.train_reader.claiming READER-1 OUT.pt

Each step shows sixteen twins (`twins.py`), of which the true one shall be likely, the false one unlikely, and the true
one likelier than the false one; and beside them questions, on which the reader shall say what it said before. Then it
is measured on twins that were kept out. docs/reader.md says where the history holds `reader-1`.
"""

import argparse
import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import torch
from torch.nn import functional

from app.insight.answers import auroc
from app.knowledge.reading.onnx import breadcrumb
from app.knowledge.reading.windows import Cutter, Pair
from app.knowledge.types import Passage
from app.language import sentences
from scripts.train_reader.network import Reader, tensors, tokenizer
from scripts.train_reader.thawing import thawed
from scripts.train_reader.training import SEED, learnt, made_optimiser, share_of_rate
from scripts.train_reader.twins import all_twins
from scripts.train_reader.written import shelved

EPOCHS = 1.5
TWINS, QUESTIONS = 16, 8  # in a step
RATE, HEAD_RATE = 8e-5, 3e-4
RANKED, KEPT = 0.5, 0.6
"""How much counts that the true twin stands above the false one, and that the other outputs stay, beside the labels."""
AS_ANSWER = 0.5
"""Share of the questions that stand beside a few sentences, as at the second look at an answer, not a passage."""
SAMPLE = 50
SUPPORTS = 2  # place of the output
Taught = Sequence[tuple[Pair, Pair]]


def main() -> None:
    """Train, keep the weights, measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("target", type=Path)
    given = parser.parse_args()
    torch.manual_seed(SEED)
    chance, cutter = Random(SEED), Cutter(tokenizer())  # noqa: S311  # an order, not a secret
    twins = list(all_twins(chance))
    taught = [(one.true.pair(cutter), one.false.pair(cutter)) for one in twins if not one.kept_out]
    apart = [(one.true.pair(cutter), one.false.pair(cutter)) for one in twins if one.kept_out]
    print(f"{len(taught)} twins, {len(apart)} kept out", flush=True)
    reader = teach(thawed(given.folder), taught, list(questions(cutter, chance)), chance)
    torch.save(reader.state_dict(), given.target)
    print(f"kept out: AUROC {told(reader, apart):.3f}", flush=True)


def teach(reader: Reader, taught: Taught, asked: Sequence[Pair], chance: Random) -> Reader:
    """All twins once, and half of them again."""
    before = said_before(reader, asked)
    orders = [chance.sample(range(len(taught)), len(taught)) for _ in range(math.ceil(EPOCHS))]
    steps = [order[at : at + TWINS] for order in orders for at in range(0, len(order), TWINS)]
    steps = steps[: math.ceil(EPOCHS * len(taught) / TWINS)]
    optimiser = made_optimiser(reader, RATE, HEAD_RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: share_of_rate(step, len(steps)))
    reader.train()
    reader.encoder.eval()
    losses, began = list[float](), time.monotonic()
    for number, step in enumerate(steps, start=1):
        drawn = chance.sample(range(len(asked)), QUESTIONS)
        loss = _loss(reader, [taught[place] for place in step])
        loss = loss + KEPT * _drift(reader, [asked[place] for place in drawn], before[drawn])
        losses.append(learnt(reader, loss, optimiser, schedule))
        if number % SAMPLE == 0:
            pace = number * 2 * TWINS / (time.monotonic() - began)
            print(f"step {number}/{len(steps)} loss {sum(losses[-SAMPLE:]) / SAMPLE:.4f}, {pace:.1f}/s", flush=True)
    return reader


def questions(cutter: Cutter, chance: Random) -> Iterator[Pair]:
    """Questions beside a passage of their help centre, the right one or another, or a few sentences of it."""
    for shelf in shelved():
        for question in shelf.questions:
            own = next(one for one in shelf.passages if one.document_id == question.row["of"])
            passage = own if chance.random() < 0.5 else chance.choice(shelf.passages)  # noqa: PLR2004  # half of them
            said = _some(passage, chance) if chance.random() < AS_ANSWER else (breadcrumb(passage), passage.text)
            yield from cutter.pairs(question.text, [said])


def said_before(reader: Reader, pairs: Sequence[Pair]) -> torch.Tensor:
    """(pairs, 3) logits."""
    reader.eval()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        batches = [reader(*tensors(pairs[at : at + 32])).float() for at in range(0, len(pairs), 32)]
    return torch.cat(batches)


def told(reader: Reader, twins: Taught) -> float:
    """AUROC of the true ones among all."""
    logits = said_before(reader, [one for pair in twins for one in pair])[:, SUPPORTS].tolist()
    return auroc([(logit, place % 2 == 0) for place, logit in enumerate(logits)])


def _loss(reader: Reader, twins: Taught) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        logits = reader(*tensors([true for true, _ in twins] + [false for _, false in twins])).float()[:, SUPPORTS]
    true, false = logits.split(len(twins))
    labels = torch.cat([torch.ones_like(true), torch.zeros_like(false)])
    by_label = functional.binary_cross_entropy_with_logits(logits, labels)
    return by_label + RANKED * functional.softplus(false - true).mean()


def _drift(reader: Reader, pairs: Sequence[Pair], before: torch.Tensor) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        logits = reader(*tensors(pairs)).float()
    return functional.mse_loss(logits[:, :SUPPORTS], before[:, :SUPPORTS])


def _some(passage: Passage, chance: Random) -> tuple[str, str]:
    said = [one.text for one in sentences(passage.text)]
    start = chance.randrange(len(said))
    return "", " ".join(said[start : start + chance.randint(1, 3)])


if __name__ == "__main__":
    main()

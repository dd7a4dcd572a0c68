"""One pass over the examples, seeded; the same examples in the same order give the same reader on one thread."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

import torch
from torch.nn import functional

from scripts.train_reader.examples import Claim, Group
from scripts.train_reader.network import Reader, tensors

SEED = 7
GROUPS = 8  # in a step
RATE, HEAD_RATE = 8e-5, 1e-3
WARM_UP = 0.06
SAVED_EVERY = 100  # steps
SAMPLE = 25
SEARCHED = 40.0
"""How much a score of the search counts beside the relevance while that is learned: it learns what the search lacks."""

Say = Callable[[str], None]
Step = tuple[list[Group], list[Claim]]


def train(groups: Sequence[Group], claims: Sequence[Claim], target: Path, say: Say) -> Reader:
    """Train, and keep what there is every hundred steps."""
    torch.manual_seed(SEED)
    steps = list(_steps(groups, claims))
    reader = Reader()
    optimiser = made_optimiser(reader, RATE, HEAD_RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: share_of_rate(step, len(steps)))
    reader.train()
    reader.encoder.eval()  # its dropout draws so many numbers that a step takes six times as long on two cores
    seen, losses, began = 0, list[float](), time.monotonic()
    for number, step in enumerate(steps, start=1):
        loss = _loss(reader, *step)
        losses.append(learnt(reader, loss, optimiser, schedule))
        seen += sum(len(group.pairs) for group in step[0]) + len(step[1])
        if number % SAMPLE == 0:
            pace = seen / (time.monotonic() - began)
            say(f"step {number}/{len(steps)} loss {sum(losses[-SAMPLE:]) / SAMPLE:.4f}, {pace:.1f} pairs/s")
        if number % SAVED_EVERY == 0 or number == len(steps):
            torch.save(reader.state_dict(), target)
    return reader


def _loss(reader: Reader, groups: Sequence[Group], claims: Sequence[Claim]) -> torch.Tensor:
    pairs = [pair for group in groups for pair in group.pairs] + [claim.pair for claim in claims]
    with torch.autocast("cpu", torch.bfloat16):
        logits = reader(*tensors(pairs)).float()
    loss, start = torch.zeros(()), 0
    for group in groups:
        mine = logits[start : start + len(group.pairs)]
        start += len(group.pairs)
        labels = torch.zeros(len(group.pairs))
        if group.answered:
            labels[0] = 1
            before = SEARCHED * torch.tensor(group.scores) if group.scores else torch.zeros(len(group.pairs))
            together = (mine[:, 0] + before)[None]
            loss = loss + functional.cross_entropy(together, torch.zeros(1, dtype=torch.long)) / len(groups)
        said = torch.cat([mine[:1, 1] + group.told, mine[1:, 1]])
        loss = loss + functional.binary_cross_entropy_with_logits(said, labels) / len(groups)
    if claims:
        labels = torch.tensor([float(claim.supported) for claim in claims])
        loss = loss + 0.5 * functional.binary_cross_entropy_with_logits(logits[start:, 2], labels)
    return loss


def _steps(groups: Sequence[Group], claims: Sequence[Claim]) -> Iterator[Step]:
    chance = Random(SEED)  # noqa: S311  # an order, not a secret
    groups, claims = chance.sample(groups, len(groups)), chance.sample(claims, len(claims))
    count = -(-len(groups) // GROUPS)
    for number in range(count):
        share = claims[number * len(claims) // count : (number + 1) * len(claims) // count]
        yield groups[number * GROUPS : (number + 1) * GROUPS], share


def made_optimiser(reader: Reader, rate: float, head_rate: float) -> torch.optim.Optimizer:
    """For what is not frozen; the head learns at a rate of its own."""
    encoder = [one for one in reader.encoder.parameters() if one.requires_grad]
    head = [*reader.matters.parameters(), *reader.mixed.parameters(), *reader.answer.parameters()]
    return torch.optim.AdamW([{"params": encoder, "lr": rate}, {"params": head, "lr": head_rate}], weight_decay=0.01)


def learnt(
    reader: Reader,
    loss: torch.Tensor,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
) -> float:
    """One step against the loss, whose value it is."""
    loss.backward()
    torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
    optimiser.step()
    optimiser.zero_grad()
    schedule.step()
    return float(loss.item())


def share_of_rate(step: int, steps: int) -> float:
    """Up quickly, then down in a line."""
    warm = max(1, int(WARM_UP * steps))
    return step / warm if step < warm else max(0.0, (steps - step) / max(1, steps - warm))

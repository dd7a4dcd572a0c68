"""Tunes all-MiniLM-L6-v2 for customers' questions: `python -m scripts.tune_embedder MANUALS OUT.safetensors`.

Learns from the written questions of scripts/train_reader/questions alone, none of the measured sets among them. Writes
what the weights moved by, at INT8, half-way: the mean of old and new weights keeps what the old ones know of other
texts (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022). docs/embedder.md has the figures.
"""

import argparse
from pathlib import Path
from random import Random

import torch

from app.knowledge.embedding import open_embedder
from app.settings import load_settings
from scripts.train_reader import written
from scripts.tune_embedder.delta import write_delta
from scripts.tune_embedder.examples import Example, examples
from scripts.tune_embedder.tuning import SEED, Tower, tune

KEPT = 0.5
"""The share of the way from the old weights to the tuned ones."""


def main() -> None:
    """Gather, tune, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manuals", type=Path, help="a folder with one subfolder a package")
    parser.add_argument("out", type=Path)
    parser.add_argument("--kept", type=float, default=KEPT)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=Path("/tmp/train_reader"))  # noqa: S108  # a cache, not a secret
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    settings = load_settings()
    embedder = open_embedder(settings.embed, settings.model_dir)
    known = list[Example]()
    for shelf, kept_out in written.shelves(given.manuals, given.cache, embedder):
        if not kept_out:
            known += examples(shelf)
    print(f"{len(known)} questions", flush=True)
    tower = Tower()
    before = {name: value.clone() for name, value in tower.model.state_dict().items()}
    tune(tower, known, Random(SEED), lambda text: print(text, flush=True))  # noqa: S311  # an order, not a secret
    size = write_delta(before, tower.model.state_dict(), given.kept, given.out)
    print(f"{given.out}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

"""Trains the reader: `python -m scripts.train_reader ../shared/data/retrieval OUT.pt [--without SET…]`.

With `--manuals FOLDER` on the manuals of unpacked Debian packages alone, with `--written` besides on the questions that
were written over them and over invented help centres; then no set needs to be left out. Needs torch and the pinned
MiniLM weights; one thread, fixed seeds. docs/reader.md says what was trained on what.
"""

import argparse
import pickle
from pathlib import Path
from random import Random

import torch

from app.knowledge.embedding import open_embedder
from app.knowledge.reading.windows import Cutter
from app.knowledge.types import Embedder
from app.settings import load_settings
from scripts.train_reader import documentation, examples, style, written
from scripts.train_reader.examples import Claim, Group
from scripts.train_reader.mining import Mined, cut, embedded, mined, rows
from scripts.train_reader.network import tokenizer
from scripts.train_reader.training import SEED, train

QUESTIONS = ("feedbackqa", "stackfaq", "clapnq")
JUDGED = "wice"
HEADINGS = {"feedbackqa": 1200, "stackfaq": 125, "clapnq": 200, "kb": 400}
COPIES = {"feedbackqa": 600, "stackfaq": 150, "clapnq": 300, "kb": 250}
KB = Path(__file__).resolve().parents[2] / "kb"


def main() -> None:
    """Gather the examples of the sets that are not left out, and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--without", nargs="*", default=[], choices=(*QUESTIONS, JUDGED))
    parser.add_argument("--manuals", type=Path, help="a folder with one subfolder a package")
    parser.add_argument("--written", action="store_true", help="with --manuals: ask the written questions instead")
    parser.add_argument("--groups", type=int, default=1700, help="how many are trained on, drawn from all")
    parser.add_argument("--claims", type=int, default=400, help="the same")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=Path("/tmp/train_reader"))  # noqa: S108  # a cache, not a secret
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    settings = load_settings()
    embedder = open_embedder(settings.embed, settings.model_dir)
    groups, claims = gathered(given, embedder)
    chance = Random(SEED)  # noqa: S311  # a sample, not a secret
    print(f"{len(groups)} groups, {len(claims)} claims; {given.groups} and {given.claims} of them", flush=True)
    groups = chance.sample(groups, min(given.groups, len(groups)))
    claims = chance.sample(claims, min(given.claims, len(claims)))
    train(groups, claims, given.out, lambda text: print(text, flush=True))


def gathered(given: argparse.Namespace, embedder: Embedder) -> tuple[list[Group], list[Claim]]:
    """The examples of the kind that was asked for."""
    if not given.manuals:
        return gather(given, embedder)
    return from_written(given, embedder) if given.written else from_manuals(given, embedder)


def from_written(given: argparse.Namespace, embedder: Embedder) -> tuple[list[Group], list[Claim]]:
    """Written questions of all shelves but those that are kept out, and sentences of the same shelves."""
    cutter, chance = Cutter(tokenizer()), Random(SEED)  # noqa: S311  # a sample, not a secret
    groups, claims = list[Group](), list[Claim]()
    shelves = [one for one, kept_out in written.shelves(given.manuals, given.cache, embedder) if not kept_out]
    told = style.told(shelves)
    for shelf in shelves:
        groups += written.groups(shelf, told, cutter, chance)
        claims += examples.copied_claims(shelf, cutter, chance, len(shelf.passages) // 4)
    return groups, claims


def gather(given: argparse.Namespace, embedder: Embedder) -> tuple[list[Group], list[Claim]]:
    """All examples, the same for the same sets."""
    cutter, chance = Cutter(tokenizer()), Random(SEED)  # noqa: S311  # a sample, not a secret
    kept = [name for name in QUESTIONS if name not in given.without]
    sets = {name: mined(given.folder / name, given.cache, embedder) for name in kept} | {
        "kb": _articles(given.cache, embedder)
    }
    groups, claims = list[Group](), list[Claim]()
    for name, one in sets.items():
        groups += examples.question_groups(one, cutter, chance)
        groups += examples.heading_groups(one, cutter, chance, HEADINGS[name])
        claims += examples.copied_claims(one, cutter, chance, COPIES[name])
        claims += examples.answer_claims(one, cutter, chance)
    if JUDGED not in given.without:
        claims += examples.judged_claims(list(rows(given.folder / JUDGED / "pairs.jsonl")), cutter)
    return groups, claims


def from_manuals(given: argparse.Namespace, embedder: Embedder) -> tuple[list[Group], list[Claim]]:
    """Examples of all shelves but those that are kept out to choose by."""
    cutter, chance = Cutter(tokenizer()), Random(SEED)  # noqa: S311  # a sample, not a secret
    groups, claims = list[Group](), list[Claim]()
    for shelf in documentation.shelves(given.manuals, given.cache, embedder):
        if shelf.name not in documentation.KEPT_OUT:
            groups += documentation.groups(shelf, cutter, chance)
            claims += examples.copied_claims(shelf, cutter, chance, len(shelf.passages) // 8)
    return groups, claims


def _articles(cache: Path, embedder: Embedder) -> Mined:
    place = cache / "kb.pickle"
    if place.exists():
        known: Mined = pickle.loads(place.read_bytes())  # noqa: S301  # our own file
        return known
    passages = [one for name, title, text in examples.markdown_passages(KB) for one in cut(name, title, text, embedder)]
    articles = Mined(passages, embedded(passages, embedder), [], frozenset(), [], [])
    cache.mkdir(parents=True, exist_ok=True)
    place.write_bytes(pickle.dumps(articles))
    return articles


if __name__ == "__main__":
    main()

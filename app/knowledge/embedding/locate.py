"""Choose the embedder, and say which one it became."""

import os
from pathlib import Path

import structlog

from app.errors import Misconfigured
from app.knowledge.embedding.choice import DEFAULT_MODEL, Choice
from app.knowledge.embedding.endpoint import open_endpoint
from app.knowledge.embedding.hashing import HashEmbedder
from app.knowledge.embedding.manifest import folder_of, read_manifest
from app.knowledge.embedding.onnx import open_prepared
from app.knowledge.types import Embedder

log = structlog.get_logger()


def open_embedder(choice: Choice, model_dir: Path, threads: int | None = None) -> Embedder:
    """The embedder that the settings name; `threads` embed passages in bulk, by default one for each core we may use.

    Raises:
        Misconfigured: the settings name a model or an endpoint that cannot be opened.
    """
    match choice.backend:
        case "http":
            embedder: Embedder = open_endpoint(choice)
        case "hash":
            embedder = HashEmbedder()
        case "torch":
            from app.knowledge.embedding.torch import open_torch  # noqa: PLC0415  # loads what only this backend needs

            embedder = open_torch(choice)
        case _:
            embedder = _prepared(choice, model_dir, threads or len(os.sched_getaffinity(0)))
    log.debug("embedder opened", backend=choice.backend, fingerprint=embedder.fingerprint)
    return embedder


def _prepared(choice: Choice, model_dir: Path, threads: int) -> Embedder:
    """The prepared model of the named folder, or of the model folder. Without the default model: the built-in one."""
    for folder in (choice.path, folder_of(choice.model, choice.precision, model_dir)):
        manifest = read_manifest(folder) if folder else None
        if folder and manifest:
            return open_prepared(folder, manifest, choice, threads)
    if choice.model != DEFAULT_MODEL or choice.path:
        message = f"The embedding model {choice.model} is not prepared. Run `answerdesk model prepare` once."
        raise Misconfigured(message)
    log.warning(
        "no embedding model is prepared, so passages are found by spelling and not by meaning",
        mend="run `answerdesk model prepare`",
        looked_in=str(model_dir),
    )
    return HashEmbedder()

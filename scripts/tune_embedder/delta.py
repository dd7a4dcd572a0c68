"""What weights moved by, as a file: INT8 with one scale a row, a quarter of the size that the weights have."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file

from app.knowledge.embedding.tuned import SCALE

GREATEST = 127


def write_delta(
    before: Mapping[str, torch.Tensor], after: Mapping[str, torch.Tensor], kept: float, target: Path
) -> int:
    """Write `kept` of the way from one to the other; gives the size in bytes."""
    stored = dict[str, torch.Tensor]()
    for name, old in before.items():
        moved = kept * (after[name] - old) if old.is_floating_point() else torch.zeros(1)
        if bool(moved.any()):
            stored |= _quantised(name, moved)
    save_file(stored, target)
    return target.stat().st_size


def _quantised(name: str, moved: torch.Tensor) -> dict[str, torch.Tensor]:
    rows = moved.reshape(moved.shape[0], -1) if moved.dim() > 1 else moved.reshape(1, -1)
    scale = (rows.abs().amax(1, keepdim=True) / GREATEST).clamp(min=1e-12)
    whole = (rows / scale).round().to(torch.int8).reshape(moved.shape)
    return {name: whole, name + SCALE: scale.squeeze(1)}

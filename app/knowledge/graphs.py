"""How a model's ONNX graph is opened: for one thread, and with memory given back."""

from pathlib import Path

import onnxruntime

SLOW = ("SkipLayerNormFusion",)
"""Turned off: the sum fused with its normalisation takes .18 ms for 96 tokens of 384 numbers, sum and normalisation by
themselves .04. Without it MiniLM at INT8 takes 4.3 ms for 96 tokens where it took 5.2 (onnxruntime 1.31, AVX-512)."""


def open_graph(path: Path) -> onnxruntime.InferenceSession:
    """Load a graph; takes a few hundredths of a second. Raises what onnxruntime raises when it is not one."""
    options = onnxruntime.SessionOptions()
    # Parallel over texts, not inside one: 30,500 against 27,400 tokens/s on two cores, and no thread that spins.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # The arena keeps the largest text's memory for ever; without it nothing is slower.
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(
        path, options, providers=["CPUExecutionProvider"], disabled_optimizers=list(SLOW)
    )

"""Which questions ask alike: each joins the nearest group that is near enough, else it begins one of its own."""

from collections.abc import Sequence

import numpy as np

from app.knowledge.types import Vectors

ALIKE = 0.62
"""The least cosine to the middle of a group. Paraphrases lie at 0.8 and above, one topic in other words at 0.6."""


def placed(fresh: Vectors, middles: Sequence[Sequence[float]], counts: Sequence[int]) -> tuple[list[int], Vectors]:
    """For each fresh question (a row of length 1) the number of its group, and the middles of all groups after it.

    Groups that are there come first and keep their numbers; their middles are as wide as the questions.
    """
    width = fresh.shape[1]
    sums = [np.asarray(middle, dtype=np.float32) * count for middle, count in zip(middles, counts, strict=True)]
    numbers = []
    for question in fresh:
        near = [float(question @ one) / max(float(np.linalg.norm(one)), 1e-9) for one in sums]
        best = int(np.argmax(near)) if near else -1
        if best < 0 or near[best] < ALIKE:
            sums.append(np.zeros(width, dtype=np.float32))
            best = len(sums) - 1
        sums[best] = sums[best] + question
        numbers.append(best)
    normal = [one / max(float(np.linalg.norm(one)), 1e-9) for one in sums]
    return numbers, np.asarray(normal, dtype=np.float32).reshape(len(normal), width)

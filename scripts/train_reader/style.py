"""How far a question's style tells, without any passage, whether it is one that its section answers.

Whoever writes a question that a text answers and one that it does not puts them differently, and a reader learns that
before it learns to read: on the first questions of the invented companies a model of their words alone had an AUROC of
.96. So this is told to the reader while it learns, that nothing be left to gain by it (Clark, Yatskar and Zettlemoyer,
"Don't take the easy way out: ensemble based methods for avoiding known dataset biases", 2019).
"""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]  # ships no types
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # ships no types
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # ships no types
from sklearn.model_selection import GroupKFold, cross_val_predict  # type: ignore[import-untyped]  # ships no types
from sklearn.pipeline import make_pipeline, make_union  # type: ignore[import-untyped]  # ships no types

from scripts.train_reader.documentation import Shelf

FOLDS = 5
WORDS, LETTERS = (1, 3), (2, 4)
RIDGE = 3.0


def told(shelves: Sequence[Shelf]) -> dict[str, float]:
    """For each question's id the log odds of being answered, from questions of other shelves; prints how well."""
    asked = [(number, one) for number, shelf in enumerate(shelves) for one in shelf.questions]
    labels = np.array([bool(one.relevant) for _, one in asked])
    texts, folds = [one.text for _, one in asked], [number for number, _ in asked]
    words = TfidfVectorizer(ngram_range=WORDS, min_df=2, token_pattern=r"\w+|[?.,!']")  # noqa: S106  # no secret
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=LETTERS, min_df=3)
    model = make_pipeline(make_union(words, letters), LogisticRegression(C=RIDGE, max_iter=3000))
    found = cross_val_predict(model, texts, labels, groups=folds, cv=GroupKFold(FOLDS), method="decision_function")
    print(f"by the questions alone: AUROC {roc_auc_score(labels, found):.3f}", flush=True)
    base = float(np.log(labels.mean() / (1 - labels.mean())))
    return {one.id: float(value) - base for (_, one), value in zip(asked, found, strict=True)}

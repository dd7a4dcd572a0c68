from dataclasses import dataclass
from pathlib import Path

import pytest

from app.errors import Misconfigured
from app.knowledge.embedding.choice import DEFAULT_MODEL
from app.knowledge.embedding.weights import _from_package
from app.knowledge.reading import open_reader, open_readers
from app.knowledge.types import Passage


@dataclass(frozen=True)
class Choice:
    model: str
    allow_download: bool = False


def passage(text: str) -> Passage:
    return Passage(text, "d", 1, "Refunds", "", "", text, 0, len(text))


@pytest.mark.slow
@pytest.mark.parametrize("outputs", [1, 3])
def test_a_cross_encoder_is_read_from_its_folder(tmp_path: Path, outputs: int) -> None:
    transformers = pytest.importorskip("transformers")
    weights = _from_package(DEFAULT_MODEL)
    assert weights is not None
    names = {0: "contradiction", 1: "entailment", 2: "neutral"} if outputs > 1 else {0: "LABEL_0"}
    small = transformers.BertConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, id2label=names,
        label2id={name: number for number, name in names.items()},
    )  # fmt: skip
    transformers.BertForSequenceClassification(small).save_pretrained(tmp_path)
    transformers.AutoTokenizer.from_pretrained(weights).save_pretrained(tmp_path)
    reader = open_reader(Choice(str(tmp_path)))
    assert reader is not None
    readings = reader.read("refunds?", [passage("Within 30 days."), passage("Never.")])
    assert len(readings) == 2
    assert all(0 <= one.relevance <= 1 and one.answers == 0.5 for one in readings)
    assert reader.read("refunds?", []) == []
    assert reader.infers == (outputs > 1)
    claims = open_readers(Choice(str(tmp_path)), tmp_path).claims
    assert claims is not None
    assert isinstance(claims, type(reader)) == reader.infers
    assert 0 < claims.supports("Refunds take a month.", "Refunds take 30 days.") < 1


def test_a_cross_encoder_that_is_nowhere_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="is not on this machine"):
        open_reader(Choice(str(tmp_path / "nowhere")))


def test_none_reads_nothing(tmp_path: Path) -> None:
    assert open_reader(Choice("none")) is None

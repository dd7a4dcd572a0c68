"""BM25 over the passages of one snapshot: an immutable tantivy index, made once and then only read."""

import io
import math
import shutil
import tarfile
from collections.abc import Iterable
from pathlib import Path

import tantivy

from app.errors import Unavailable
from app.language import STOPWORDS

GREATEST_TERM_WEIGHT = 2.2
"""BM25's factor for the frequency of a term stays below k1 + 1, and tantivy's k1 is 1.2."""
LONGEST_WORD = 64
WRITER_MEMORY = 32_000_000
MOST_TERMS = 128


class TantivyIndex:
    """An open index. Words are lower-cased, freed of accents and cut to their English stems."""

    def __init__(self, directory: Path) -> None:
        """Open what `build_lexical` made; `Unavailable` when it is missing or broken."""
        try:
            index = tantivy.Index.open(str(directory))
            self._ids = (directory / "ids.txt").read_text().split()
        except (OSError, ValueError) as error:
            raise Unavailable(f"The lexical index does not open: {error}") from error
        self._analyzer = _analyzer()
        index.register_tokenizer("english", self._analyzer)
        self._schema = index.schema
        self._searcher = index.searcher()
        self._numbers = {id_: number for number, id_ in enumerate(self._ids)}
        if self._searcher.num_docs != len(self._ids):
            raise Unavailable(
                f"The lexical index holds {self._searcher.num_docs} passages instead of {len(self._ids)}."
            )

    def __len__(self) -> int:
        return len(self._ids)

    def search(self, text: str, k: int) -> list[tuple[str, float]]:
        """The best passages that share a term with the text."""
        return self._scored(text, None, k)

    def scores(self, text: str, ids: list[str]) -> dict[str, float]:
        """The scores of these passages alone."""
        numbers = [self._numbers[id_] for id_ in ids if id_ in self._numbers]
        return dict(self._scored(text, numbers, len(numbers))) if numbers else {}

    def coverage(self, question: str, text: str) -> float:
        """Weighs each term of the question by its idf; one that no passage knows weighs most."""
        terms = self._terms(word for word in question.split() if word.lower().strip("?!.,") not in STOPWORDS)
        weights = {term: self._idf(self._frequency(term)) for term in terms}
        held = set(self._analyzer.analyze(text))
        whole = sum(weights.values())
        return sum(weight for term, weight in weights.items() if term in held) / whole if whole else 0.0

    def frequencies(self, words: list[str]) -> list[int]:
        """How many passages hold a word that is cut to the same stem."""
        return [max(map(self._frequency, self._analyzer.analyze(word)), default=0) for word in words]

    def _scored(self, text: str, among: list[int] | None, k: int) -> list[tuple[str, float]]:
        frequencies = {term: self._frequency(term) for term in self._terms([text])}
        known = {term: frequency for term, frequency in frequencies.items() if frequency}
        if not known or not k:
            return []
        greatest = GREATEST_TERM_WEIGHT * sum(self._idf(frequency) for frequency in known.values())
        hits = self._searcher.search(self._query(known, among), k, count=False).hits
        numbers = self._searcher.fast_field_values("number", [address for _, address in hits])
        return [
            (self._ids[int(number or 0)], score / greatest) for (score, _), number in zip(hits, numbers, strict=True)
        ]

    def _query(self, terms: Iterable[str], among: list[int] | None) -> tantivy.Query:
        any_of = [(tantivy.Occur.Should, tantivy.Query.term_query(self._schema, "body", term)) for term in terms]
        query = tantivy.Query.boolean_query(any_of)
        if among is None:
            return query
        these = tantivy.Query.term_set_query(self._schema, "number", among)
        unscored = tantivy.Query.const_score_query(these, 0.0)
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, unscored), (tantivy.Occur.Must, query)])

    def _terms(self, texts: Iterable[str]) -> list[str]:
        terms = dict.fromkeys(term for text in texts for term in self._analyzer.analyze(text))
        return list(terms)[:MOST_TERMS]

    def _frequency(self, term: str) -> int:
        return self._searcher.doc_freq("body", term)

    def _idf(self, frequency: int) -> float:
        return math.log(1 + (len(self) - frequency + 0.5) / (frequency + 0.5))


def build_lexical(directory: Path, passages: Iterable[tuple[str, str]]) -> None:
    """Index (id, text) pairs aside and rename the folder when it is whole."""
    aside = directory.with_name(directory.name + ".tmp")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    ids = _fill(aside, passages)
    (aside / "ids.txt").write_text("\n".join(ids))
    shutil.rmtree(directory, ignore_errors=True)
    aside.rename(directory)


def packed(directory: Path) -> bytes:
    """The index as one tar, for machines that did not build it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(directory.iterdir()):
            if not path.name.startswith("."):
                archive.add(path, arcname=path.name)
    return buffer.getvalue()


def unpack(data: bytes, directory: Path) -> None:
    """Lay a packed index down, aside first."""
    aside = directory.with_name(directory.name + ".tmp")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(aside, filter="data")
    shutil.rmtree(directory, ignore_errors=True)
    aside.rename(directory)


def _fill(directory: Path, passages: Iterable[tuple[str, str]]) -> list[str]:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", tokenizer_name="english", index_option="freq")
    builder.add_unsigned_field("number", indexed=True, fast=True)
    schema = builder.build()
    index = tantivy.Index(schema, path=str(directory))
    index.register_tokenizer("english", _analyzer())
    writer = index.writer(WRITER_MEMORY, num_threads=1)
    ids = []
    for number, (id_, text) in enumerate(passages):
        writer.add_document(tantivy.Document.from_dict({"body": text, "number": number}, schema))
        ids.append(id_)
    writer.commit()
    writer.wait_merging_threads()
    return ids


def _analyzer() -> tantivy.TextAnalyzer:
    words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    short = words.filter(tantivy.Filter.remove_long(LONGEST_WORD)).filter(tantivy.Filter.lowercase())
    return short.filter(tantivy.Filter.ascii_fold()).filter(tantivy.Filter.stemmer("english")).build()

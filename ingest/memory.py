"""Remembers what was in each file of a source, so that one that is as it was is neither parsed nor looked through."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.knowledge.readings import Reading
from app.knowledge.sourcing.files import FileThen, Known
from ingest.edition import edition
from ingest.loaders import Refused

Content = Sequence[Reading | Refused | Known]
"""What is in a file: its documents and what could not be read of it, or what is known to be in it still."""


@dataclass(frozen=True, slots=True)
class Memory:
    """For one run of one source. What it learns is for the next one.

    `hashes` are those of the documents in the published snapshot, by name; `audience` and `locale` are what the source
    says of documents that say nothing.
    """

    files: Mapping[str, FileThen] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    largest: int = 0
    audience: str = ""
    locale: str = ""
    learnt: dict[str, FileThen] = field(default_factory=dict)

    def read(self, name: str, said: Sequence[str | bytes], load: Callable[[], Sequence[Reading | Refused]]) -> Content:
        """What is in the file of this name, of which all that decides how it reads is `said`.

        It is loaded unless the very same was read in the same way before, and is what the published snapshot holds.
        """
        digest, then = self._digest(said), self.files.get(name)
        if then and then.digest == digest and self._stands(then):
            return then.documents
        found = [one if isinstance(one, Refused) else one.under(self.audience, self.locale) for one in load()]
        documents = [one for one in found if isinstance(one, Reading)]
        if len(documents) == len(found):
            known = tuple(Known(one.external_id, one.content_hash, one.flags) for one in documents)
            self.learnt[name] = FileThen(digest, known)
        return found

    def _stands(self, then: FileThen) -> bool:
        return all(self.hashes.get(one.external_id) == one.content_hash for one in then.documents)

    def _digest(self, said: Sequence[str | bytes]) -> str:
        parts = (edition(), str(self.largest), self.audience, self.locale, *said)
        seen = hashlib.sha256()
        for part in (one.encode() if isinstance(one, str) else one for one in parts):
            seen.update(b"%d:" % len(part) + part)
        return seen.hexdigest()

"""What loaders make of files. Light enough to be loaded by the processes that read what strangers wrote."""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

ENGLISH = "en"
PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a loader made of one document: normalised Markdown, and what is known about it.

    Without a locale it is English, without an audience public.
    """

    external_id: str
    title: str
    text: str
    url: str = ""
    locale: str = ""
    audience: str = ""
    front_matter: dict[str, Any] | None = None
    flags: tuple[dict[str, str], ...] = ()
    """What is hidden in the file and left out here: kind, place and quote of each."""
    concerns: tuple[dict[str, str], ...] = ()
    """What screening found in the text, in the same form. It follows from the text and makes no new version."""

    def under(self, audience: str, locale: str) -> "Reading":
        """With these where it says nothing itself."""
        return replace(self, audience=self.audience or audience, locale=self.locale or locale)

    @property
    def content_hash(self) -> str:
        """The same for two readings that would make the same version."""
        who = [self.locale or ENGLISH, self.audience or PUBLIC]
        said = [self.title, self.text, self.url, *who, self.front_matter or {}, *self.flags]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

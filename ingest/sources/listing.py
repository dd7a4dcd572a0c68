"""What a round over web pages comes to: files for the loaders, and what else there is to tell."""

from collections.abc import Sequence

from app.knowledge.sourcing.pages import Page
from ingest.discover import File
from ingest.loaders import Refused
from ingest.origins import Listing
from ingest.sources.bodies import Bodies
from ingest.sources.media import ending_of


def listing_of(pages: Sequence[Page], bodies: Bodies, failures: Sequence[Refused], *, complete: bool) -> Listing:
    """One document for each name, however many addresses lead to it.

    A page that is gone is told only where somebody asked for it; that a link leads nowhere is the site's business.
    """
    files: dict[str, File] = {}
    for page in pages:
        if page.state == "fetched":
            name = page.name or page.url
            called = f"page{ending_of(page.media, page.url)}"
            files.setdefault(name, File(name, bodies.path(page.digest), called, name))
    failed = [Refused(page.url, page.reason) for page in pages if page.state == "failed" and page.url not in files]
    asked = [
        Refused(page.url, page.reason)
        for page in pages
        if page.depth == 0 and (page.state == "left" or (page.state == "gone" and not page.name))
    ]
    gone = frozenset(page.name or page.url for page in pages if page.state == "gone") - files.keys()
    return Listing(list(files.values()), [*failures, *failed, *asked], gone, complete)

from collections.abc import Iterator

import pytest

from tests.ingest.sources.site import Site, serving


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as one:
        yield one


@pytest.fixture
def forbidden() -> Iterator[Site]:
    """A machine of the network nearby, which nothing may lead to."""
    with serving() as one:
        one.page("/", "Secrets of the house")
        yield one
        assert one.asked == []

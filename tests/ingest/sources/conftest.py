import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

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


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """One that a server gave itself, with its key: it vouches for wiki.internal and for nobody else."""
    if not shutil.which("openssl"):
        pytest.skip("NOT COVERED: no openssl to make a certificate with")
    asked = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=wiki.internal", "-days", "1"]
    named = ["-addext", "subjectAltName=DNS:wiki.internal"]
    made = ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "public")]
    subprocess.run(("openssl", "req", *asked, *named, *made), check=True, capture_output=True)
    whole = tmp_path / "certificate.pem"
    whole.write_text((tmp_path / "key").read_text() + (tmp_path / "public").read_text())
    return whole

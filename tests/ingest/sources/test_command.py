"""`answerdesk ingest URL`, as somebody types it; killed in the middle, it goes on where it was."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.ingest.sources.site import Reply, Site
from tests.serving import COMMAND, ROOT, environment
from tests.shell import Shell

PAGES = 12


def test_a_crawl_that_was_killed_goes_on_where_it_was(site: Site, tmp_path: Path) -> None:
    settings = allowing(site) | {"ANSWERDESK_FETCH__DELAY_SECONDS": "0.3"}
    shell, env = Shell(tmp_path, **settings), environment(tmp_path / "data", **settings)
    for number in range(PAGES):
        site.page(f"/{number}", f"Page {number}")
    urls = [site.url(f"/{number}") for number in range(PAGES)]
    words = (*COMMAND, "ingest", *urls, "--source", "site")
    process = subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    until(lambda: len(site.asked) > PAGES // 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = site.paths
    worker = subprocess.Popen((*COMMAND, "worker"), cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    try:
        until(lambda: set(site.paths) >= {f"/{number}" for number in range(PAGES)})
        until(lambda: bool(shell.rows("search", "explained", "--json")))
    finally:
        worker.terminate()
        worker.wait()
    twice = [path for path in site.paths[len(before) :] if path in before and path != "/robots.txt"]
    assert len(twice) <= 1
    [again] = shell.rows("ingest", *urls, "--source", "site", "--json")
    assert (again["unchanged"], again["documents"]) == (PAGES, PAGES)


def until(reached: Callable[[], bool]) -> None:
    ends = time.monotonic() + 120
    while not reached():
        assert time.monotonic() < ends
        time.sleep(0.05)


def allowing(site: Site) -> dict[str, str]:
    return {
        "ANSWERDESK_FETCH__ALLOWED_HOSTS": json.dumps([site.host]),
        "ANSWERDESK_FETCH__DELAY_SECONDS": "0",
        "ANSWERDESK_EMBED__BACKEND": "hash",
    }


def test_pages_and_sitemaps_are_ingested_and_what_vanished_is_removed(site: Site, tmp_path: Path) -> None:
    shell = Shell(tmp_path, **allowing(site))
    site.page("/a", "Fees")
    site.page("/b", "Returns")
    entries = "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in ("/a", "/b"))
    site.pages["/sitemap.xml"] = Reply(f"<urlset>{entries}</urlset>".encode(), "application/xml")
    [seen] = shell.rows("ingest", site.url("/sitemap.xml"), "--dry-run", "--json")
    assert (seen["added"], seen["snapshot_id"]) == (2, None)
    [first] = shell.rows("ingest", site.url("/sitemap.xml"), "--json")
    assert (first["added"], first["published"], first["source"]) == (2, True, "127.0.0.1")
    del site.pages["/b"]
    [second] = shell.rows("ingest", "--source", "127.0.0.1", "--json")
    assert (second["unchanged"], second["removed"]) == (1, 1)
    assert [item["name"] for item in second["items"]] == [site.url("/b")]


def test_what_may_not_be_reached_is_refused_in_a_sentence(forbidden: Site, tmp_path: Path) -> None:
    said = Shell(tmp_path).refused("ingest", forbidden.url("/"))
    assert said.endswith(f"Only the ports 80 and 443 are fetched, and 127.0.0.1 is wanted at {forbidden.port}.")

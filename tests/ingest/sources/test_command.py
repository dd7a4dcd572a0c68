"""`answerdesk ingest URL`, as somebody types it; killed in the middle, it goes on where it was."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.ingest.sources.site import Reply, Site
from tests.serving import COMMAND, ROOT, environment

PAGES = 12


def told(*words: str, env: dict[str, str]) -> tuple[int, dict[str, Any], str]:
    done = subprocess.run(
        (*COMMAND, *words), cwd=ROOT, env=env, capture_output=True, text=True, timeout=200, check=False
    )
    return done.returncode, json.loads(done.stdout.splitlines()[0]) if done.stdout else {}, done.stderr


def test_a_crawl_that_was_killed_goes_on_where_it_was(site: Site, tmp_path: Path) -> None:
    env = surroundings(site, tmp_path) | {"ANSWERDESK_FETCH__DELAY_SECONDS": "0.3"}
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
        until(lambda: bool(told("search", "explained", "--json", env=env)[1]))
    finally:
        worker.terminate()
        worker.wait()
    twice = [path for path in site.paths[len(before) :] if path in before and path != "/robots.txt"]
    assert len(twice) <= 1
    code, again, _ = told("ingest", *urls, "--source", "site", "--json", env=env)
    assert (code, again["unchanged"], again["documents"]) == (0, PAGES, PAGES)


def until(reached: Callable[[], bool]) -> None:
    ends = time.monotonic() + 120
    while not reached():
        assert time.monotonic() < ends
        time.sleep(0.05)


def surroundings(site: Site, tmp_path: Path) -> dict[str, str]:
    more = {"ANSWERDESK_FETCH__ALLOWED_HOSTS": json.dumps([site.host]), "ANSWERDESK_EMBED__BACKEND": "hash"}
    return environment(tmp_path / "data", **more, ANSWERDESK_FETCH__DELAY_SECONDS="0")


def test_pages_and_sitemaps_are_ingested_and_what_vanished_is_removed(site: Site, tmp_path: Path) -> None:
    env = surroundings(site, tmp_path)
    site.page("/a", "Fees")
    site.page("/b", "Returns")
    entries = "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in ("/a", "/b"))
    site.pages["/sitemap.xml"] = Reply(f"<urlset>{entries}</urlset>".encode(), "application/xml")
    code, seen, _ = told("ingest", site.url("/sitemap.xml"), "--dry-run", "--json", env=env)
    assert (code, seen["added"], seen["snapshot_id"]) == (0, 2, None)
    code, first, _ = told("ingest", site.url("/sitemap.xml"), "--json", env=env)
    assert (code, first["added"], first["published"], first["source"]) == (0, 2, True, "127.0.0.1")
    del site.pages["/b"]
    code, second, _ = told("ingest", "--source", "127.0.0.1", "--json", env=env)
    assert (code, second["unchanged"], second["removed"]) == (0, 1, 1)
    assert [item["name"] for item in second["items"]] == [site.url("/b")]


def test_what_may_not_be_reached_is_refused_in_a_sentence(forbidden: Site, tmp_path: Path) -> None:
    env = environment(tmp_path / "data", ANSWERDESK_EMBED__BACKEND="hash")
    code, _, said = told("ingest", forbidden.url("/"), env=env)
    assert code == 1
    assert said.strip().endswith(f"Only the ports 80 and 443 are fetched, and 127.0.0.1 is wanted at {forbidden.port}.")
    assert "Traceback" not in said

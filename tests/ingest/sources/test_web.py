"""Pages, sitemaps and whole sites from real servers on loopback, which the test alone allows to be reached."""

import gzip
import zlib
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from app.errors import AppError
from app.knowledge.sourcing.pages import RememberedPages
from app.safety.reaching import guarded_client
from ingest.memory import Memory
from ingest.origins import Listing
from ingest.sources.bodies import Bodies
from ingest.sources.crawl import Limits
from ingest.sources.fetcher import Fetcher
from ingest.sources.pace import Pace
from ingest.sources.plan import plan_of
from ingest.sources.web import Web
from tests.ingest.sources.site import Reply, Site, serving

XML = "application/xml"


async def unheard(_done: int, _total: int) -> None:
    """Nobody listens."""


async def read(
    site: Site, kind: str, folder: Path, known: RememberedPages | None = None, **settings: object
) -> tuple[list[str], dict[str, str], Listing]:
    """The documents of a source by their paths, what was refused and why, and the listing itself."""
    web = Web((site.host,), 0, 200_000, Limits(50, 5, 5))
    asked = {"url": site.url("/"), **settings}
    plan = plan_of(kind, asked, web.limits)
    listing = await web.listing(plan, known or RememberedPages(), Bodies(folder), unheard)
    for file in listing.files:
        await file.load(Memory(largest=1_000_000))
    names = [file.name.removeprefix(site.url("")) for file in listing.files]
    return names, {one.name.removeprefix(site.url("")): one.reason for one in listing.refused}, listing


def sitemap(site: Site, *paths: str, kind: str = "url") -> bytes:
    entries = "".join(f"<{kind}><loc>{site.url(path)}</loc></{kind}>" for path in paths)
    root = "urlset" if kind == "url" else "sitemapindex"
    return (
        f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{root}>'.encode()
    )


async def test_a_crawl_follows_links_inside_its_folder(site: Site, tmp_path: Path) -> None:
    site.page(
        "/help/", "Start", "fees", "/help/returns?utm_source=x#top", "/blog/", "https://elsewhere.example/", "a.png"
    )
    site.page("/help/fees", "Fees", "/help/")
    site.page("/help/returns", "Returns")
    names, refused, listing = await read(site, "crawl", tmp_path, url=site.url("/help/"))
    assert names == ["/help/", "/help/fees", "/help/returns"]
    assert (refused, listing.complete, listing.gone) == ({}, True, frozenset())
    assert site.paths == ["/robots.txt", "/help/", "/help/fees", "/help/returns"]


async def test_patterns_depth_and_limits_are_kept(site: Site, tmp_path: Path) -> None:
    site.page("/", "0", "/a", "/b/old", "/b/new")
    site.page("/a", "A", "/a/1")
    site.page("/a/1", "A1", "/a/2")
    site.page("/b/new", "New")
    names, _, _ = await read(site, "crawl", tmp_path, exclude=["/b/old"], depth=1)
    assert names == ["/", "/a", "/b/new"]
    names, refused, listing = await read(site, "crawl", tmp_path, pages=2)
    assert (names, listing.complete) == (["/", "/a"], False)
    assert refused == {"/": "This ended at its limit of 2 pages. Nothing is removed."}


async def test_what_robots_may_not_fetch_is_not_fetched(site: Site, tmp_path: Path) -> None:
    site.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /private*\nAllow: /private/open$", "text/plain")
    site.page("/", "Start", "/private/a", "/private/open", "/hidden", "/header")
    site.page("/private/open", "Open")
    site.page("/hidden", "Hidden", head='<meta name="robots" content="noindex">')
    site.pages["/header"] = Reply(b"<p>Hidden</p>", headers={"x-robots-tag": "noindex"})
    names, _, listing = await read(site, "crawl", tmp_path)
    assert (names, listing.complete) == (["/", "/private/open"], True)
    assert "/private/a" not in site.paths


async def test_a_site_whose_rules_cannot_be_read_is_left_alone(site: Site, tmp_path: Path) -> None:
    site.pages["/robots.txt"] = Reply(b"", status=500)
    site.page("/", "Start")
    names, refused, listing = await read(site, "crawl", tmp_path)
    assert (names, listing.complete, site.paths) == ([], False, ["/robots.txt"])
    assert "robots.txt of this site cannot be read" in refused["/"]


async def test_what_did_not_change_is_not_sent_again(site: Site, tmp_path: Path) -> None:
    site.page("/", "Start", "/a")
    site.pages["/"] = replace(site.pages["/"], headers={"etag": '"1"'})
    site.page("/a", "A")
    first = RememberedPages()
    await read(site, "crawl", tmp_path, first)
    again = RememberedPages({site.url("/"): replace(first.known[site.url("/")], state="waiting")})
    names, _, listing = await read(site, "crawl", tmp_path, again)
    assert (names, listing.complete) == (["/", "/a"], True)
    assert [headers.get("if-none-match") for path, headers in site.asked if path == "/"] == [None, '"1"']


async def test_one_document_for_all_addresses_of_a_page(site: Site, tmp_path: Path) -> None:
    site.page("/", "Start", "/a?x=1", "/a", "/old", "/liar")
    for path in ("/a", "/a?x=1"):
        site.page(path, "A", head='<link rel="canonical" href="/a">')
    site.pages["/old"] = Reply(status=301, headers={"location": "/a"})
    site.page("/liar", "Liar", head='<link rel="canonical" href="https://elsewhere.example/">')
    names, _, _ = await read(site, "crawl", tmp_path)
    assert names == ["/", "/a", "/liar"]


async def test_a_page_that_is_gone_is_told_from_one_that_fails(site: Site, tmp_path: Path) -> None:
    site.page("/", "Start", "/gone", "/broken")
    site.pages["/broken"] = Reply(b"", status=500)
    names, refused, listing = await read(site, "crawl", tmp_path)
    assert (names, listing.complete, listing.gone) == (["/"], False, frozenset([site.url("/gone")]))
    assert refused == {"/broken": "The site answered with an error (500)."}
    names, refused, listing = await read(site, "url", tmp_path, urls=[site.url("/"), site.url("/gone")])
    assert (names, listing.complete, refused) == (["/"], True, {"/gone": "There is nothing at this address (404)."})


async def test_a_busy_site_is_asked_again_when_it_wants_to_be(site: Site) -> None:
    site.pages["/a"] = [Reply(status=429, headers={"retry-after": "7"}), Reply(status=503), Reply(b"Now.")]
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(round(seconds))

    async with guarded_client([site.host], httpx.Timeout(5), "Test") as client:
        found = await Fetcher(client, Pace(0, sleep), 1000).get(site.url("/a"), permitted)
    assert (found.body, waited) == (b"Now.", [7, 1])


async def permitted(_url: str) -> None:
    """Everything."""


async def test_sitemaps_lead_to_pages_through_indexes_and_compression(site: Site, tmp_path: Path) -> None:
    site.pages["/sitemap.xml"] = Reply(sitemap(site, "/one.xml.gz", "/two.txt", kind="sitemap"), XML)
    site.pages["/one.xml.gz"] = Reply(gzip.compress(sitemap(site, "/a", "/a#x")), "application/x-gzip")
    site.pages["/two.txt"] = Reply(site.url("/b").encode(), "text/plain")
    site.page("/a", "A", "/c")
    site.page("/b", "B")
    names, refused, listing = await read(site, "sitemap", tmp_path, url=site.url("/sitemap.xml"))
    assert (names, refused, listing.complete) == (["/a", "/b"], {}, True)


async def test_sitemaps_that_name_each_other_are_read_once(site: Site, tmp_path: Path) -> None:
    site.pages["/sitemap.xml"] = Reply(sitemap(site, "/sitemap.xml", "/other.xml", kind="sitemap"), XML)
    site.pages["/other.xml"] = Reply(sitemap(site, "/sitemap.xml", kind="sitemap"), XML)
    _, refused, _ = await read(site, "sitemap", tmp_path, url=site.url("/sitemap.xml"))
    assert refused == {"/sitemap.xml": "This sitemap is named more than once, or names itself. It is read only once."}
    assert site.paths.count("/sitemap.xml") == 1


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "This sitemap is empty."),
        (b"<urlset><url><loc>http://x.example/</urlset>", "This sitemap is not valid XML (line 1)."),
        (b"<html><body>Hello</body></html>", "This is not a sitemap: it lists no addresses."),
        (b"just text", "This is not a sitemap: it is neither XML nor a list of addresses."),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><urlset/>', "declares a document type"),
        (b"<urlset>" + b"<url><loc>http://x.example/a</loc></url>" * 50_001 + b"</urlset>", "lists more than 50,000"),
        (gzip.compress(b"<urlset></urlset>")[:-9], "ends in the middle of its compressed content"),
        (gzip.compress(b" " * 60_000_000), "larger than the 50 MB"),
    ],
    ids=["empty", "torn", "a page", "text", "entities", "gigantic", "truncated gzip", "bomb"],
)
async def test_a_sitemap_that_cannot_be_read_is_told_and_removes_nothing(
    site: Site, tmp_path: Path, body: bytes, sentence: str
) -> None:
    site.pages["/sitemap.xml"] = Reply(body, XML)
    names, refused, listing = await read(site, "sitemap", tmp_path, url=site.url("/sitemap.xml"))
    assert (names, listing.complete) == ([], False)
    assert sentence in refused["/sitemap.xml"]


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (Reply(status=302, headers={"location": "/page"}), "This address is redirected in a circle."),
        (Reply(b"x" * 200_001), "This is larger than the 0.2 MB that are read."),
        (Reply(gzip.compress(bytes(10_000_000)), headers={"content-encoding": "gzip"}), "larger than the 0.2 MB"),
        (Reply(gzip.compress(b"text")[:-9], headers={"content-encoding": "gzip"}), "ends in the middle"),
        (Reply(b"no gzip at all", headers={"content-encoding": "gzip"}), "compressed content of this is damaged"),
        (Reply(zlib.compress(b"text"), headers={"content-encoding": "gzip, gzip"}), "which it was not asked for"),
        (Reply(b"half", cut=True), "broke its answer off"),
        (Reply(status=403), "The site wants a sign-in for this page."),
        (Reply(status=418), "The site refuses to give this page (418)."),
        (Reply(b"\x89PNG", "image/png"), "no document that can be read (image/png)"),
    ],
    ids=["circle", "gigantic", "bomb", "truncated gzip", "no gzip", "gzip twice", "cut", "denied", "teapot", "picture"],
)
async def test_a_page_that_cannot_be_had_is_told_in_a_sentence(
    site: Site, tmp_path: Path, reply: Reply, sentence: str
) -> None:
    site.pages["/page"] = reply
    names, refused, _ = await read(site, "url", tmp_path, url=site.url("/page"))
    assert names == []
    assert sentence in refused["/page"]


async def test_a_long_chain_of_redirects_ends(site: Site, tmp_path: Path) -> None:
    for number in range(9):
        site.pages[f"/{number}"] = Reply(status=302, headers={"location": f"/{number + 1}"})
    _, refused, _ = await read(site, "url", tmp_path, url=site.url("/0"))
    assert refused == {"/0": "This address is redirected more than 5 times."}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_leads_to_a_machine_nearby(site: Site, forbidden: Site, tmp_path: Path, status: int) -> None:
    for number, there in enumerate((forbidden.url("/"), f"http://localhost:{forbidden.port}/", "file:///etc/passwd")):
        site.pages[f"/{number}"] = Reply(status=status, headers={"location": there})
        names, refused, _ = await read(site, "url", tmp_path, url=site.url(f"/{number}"))
        assert names == []
        assert list(refused) == [f"/{number}"]


async def test_no_page_and_no_sitemap_leads_to_a_machine_nearby(site: Site, forbidden: Site, tmp_path: Path) -> None:
    evil = [
        forbidden.url("/"),
        f"http://[::1]:{forbidden.port}/",
        f"http://0x7f.1:{forbidden.port}/",
        "file:///etc/passwd",
    ]
    base = f'<base href="{forbidden.url("/")}"><meta http-equiv="refresh" content="0; url={forbidden.url("/")}">'
    canonical = f'<link rel="canonical" href="{forbidden.url("/")}">'
    site.page("/", "Start", *evil, "relative", head=base + canonical)
    names, _, _ = await read(site, "crawl", tmp_path)
    assert names == ["/"]
    entries = "".join(f"<url><loc>{one}</loc></url>" for one in evil)
    site.pages["/sitemap.xml"] = Reply(f"<urlset>{entries}</urlset>".encode(), XML)
    names, refused, _ = await read(site, "sitemap", tmp_path, url=site.url("/sitemap.xml"))
    assert names == []
    assert "file:///etc/passwd" in refused


async def test_a_name_that_is_turned_to_loopback_is_not_followed(forbidden: Site) -> None:
    answers = ["93.184.215.14", "127.0.0.1"]

    async def rebinding(_host: str, _port: int) -> list[str]:
        return [answers.pop()]

    async with guarded_client([], httpx.Timeout(5), "Test", rebinding) as client:
        with pytest.raises(AppError, match="private address"):
            await Fetcher(client, Pace(0), 1000).get("http://help.example.com/", permitted)


async def test_an_allowed_name_is_reached_where_it_was_looked_up(site: Site) -> None:
    site.page("/", "Start")
    looked: list[str] = []

    async def look_up(host: str, _port: int) -> list[str]:
        looked.append(host)
        return ["127.0.0.1"]

    async with guarded_client([f"wiki.internal:{site.port}"], httpx.Timeout(5), "Test", look_up) as client:
        await Fetcher(client, Pace(0), 10_000).get(f"http://wiki.internal:{site.port}/", permitted)
    assert (looked, site.asked[0][1]["host"]) == (["wiki.internal"], f"wiki.internal:{site.port}")


async def test_a_document_that_is_no_page_is_read_as_what_it_is(site: Site, tmp_path: Path) -> None:
    site.pages["/faq.csv"] = Reply(b"question,answer\nWhen?,Now.\n", "application/octet-stream")
    site.pages["/notes"] = Reply(b"# Notes\n\nThey are short.", "text/markdown")
    site.pages["/lie"] = Reply(b"%PDF-1.7 is what this is", HTML_TYPE)
    urls = [site.url("/faq.csv"), site.url("/notes"), site.url("/lie")]
    names, refused, listing = await read(site, "url", tmp_path, urls=urls)
    loaded = [await file.load(Memory(largest=10_000)) for file in listing.files]
    assert (names, refused) == (["/faq.csv", "/notes", "/lie"], {})
    assert [one[0].__class__.__name__ for one in loaded] == ["Reading", "Reading", "Refused"]


HTML_TYPE = "text/html"


async def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Path) -> None:
    async def here(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    with serving(certificate) as site:
        site.page("/", "Behind a certificate")
        allowed, url = [f"wiki.internal:{site.port}"], f"https://wiki.internal:{site.port}/"
        async with guarded_client(allowed, httpx.Timeout(5), "Test", here) as client:
            with pytest.raises(AppError, match=r"The certificate of wiki\.internal is not valid"):
                await Fetcher(client, Pace(0), 1000).get(url, permitted)
        async with guarded_client(allowed, httpx.Timeout(5), "Test", here, certificate) as client:
            assert b"Behind a certificate" in ((await Fetcher(client, Pace(0), 1000).get(url, permitted)).body or b"")

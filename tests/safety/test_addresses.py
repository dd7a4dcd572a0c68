import json
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.safety.addresses import Place, Reach, Unreachable, is_public, place_of
from app.safety.reaching import Guarded

PUBLIC = "93.184.215.14"


class Recording(httpx.AsyncBaseTransport):
    """Answers everything, and remembers to which address each request would have gone."""

    def __init__(self) -> None:
        self.reached: list[tuple[str, str, str]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        told = request.extensions["sni_hostname"]
        self.reached.append((request.url.host, told, request.headers["host"]))
        return httpx.Response(200)


async def resolved(host: str, _port: int) -> list[str]:
    """Public names of examples are public; every other name belongs to an attacker, who points it to our network."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        return [PUBLIC if host.endswith((".example", "example.com")) else "10.0.0.1"]


def rows(shared: Path) -> Iterator[dict[str, str]]:
    for line in (shared / "data/security/ssrf.jsonl").read_text(encoding="utf-8").strip().split("\n"):
        row = json.loads(line)
        if not row["kind"].startswith("behavioural") and "1.1.1.1" not in row["text"].replace("1.1.1.1 &@", ""):
            yield row


async def test_no_address_of_the_list_is_reached_and_no_good_one_refused(shared: Path) -> None:
    wrong, refused, judged = [], [], 0
    for row in rows(shared):
        judged += 1
        inner = Recording()
        try:
            async with httpx.AsyncClient(transport=Guarded(Reach(), inner, resolved)) as client:
                await client.get(row["text"])
        except (Unreachable, httpx.HTTPError, httpx.InvalidURL):
            refused += [row["text"]] if not row["label"] else []
        wrong += [row["text"]] if inner.reached and row["label"] else []
    print(f"SSRF: {judged} addresses, {len(wrong)} reached, {len(refused)} good ones refused")
    assert (wrong, refused) == ([], [])
    assert judged > 400


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://help.example.com/a?b=c#d", Place("https", "help.example.com", 443)),
        ("http://help.example.com:443/", Place("http", "help.example.com", 443)),
        ("https://bücher.example/", Place("https", "xn--bcher-kva.example", 443)),
        ("http://[2606:4700::1]/", Place("http", "2606:4700::1", 80)),
    ],
)
def test_host_and_port_are_found(url: str, place: Place) -> None:
    assert place_of(url) == place
    assert Reach().place(url) == place


def test_a_host_is_allowed_at_its_port_and_no_other() -> None:
    reach = Reach.of(["127.0.0.1:8123", "Wiki.Internal"])
    assert reach.place("http://127.0.0.1:8123/x").port == 8123
    assert reach.place("https://wiki.internal/x").host == "wiki.internal"
    for url in ("http://127.0.0.1:8124/", "http://127.0.0.1/", "http://wiki.internal:8080/", "http://other.internal/"):
        with pytest.raises(Unreachable):
            reach.place(url)


async def test_one_private_address_among_several_is_enough_to_refuse() -> None:
    async def mixed(_host: str, _port: int) -> list[str]:
        return [PUBLIC, "127.0.0.1"]

    inner = Recording()
    async with httpx.AsyncClient(transport=Guarded(Reach(), inner, mixed)) as client:
        with pytest.raises(Unreachable, match="private address"):
            await client.get("https://help.example.com/")
    assert inner.reached == []


async def test_a_name_is_looked_up_once_and_the_connection_goes_where_was_looked() -> None:
    answers = [[PUBLIC], ["127.0.0.1"]]

    async def rebinding(_host: str, _port: int) -> list[str]:
        return answers.pop(0)

    inner = Recording()
    async with httpx.AsyncClient(transport=Guarded(Reach(), inner, rebinding)) as client:
        await client.get("https://help.example.com/")
        with pytest.raises(Unreachable):
            await client.get("https://help.example.com/")
    assert inner.reached == [(PUBLIC, "help.example.com", "help.example.com")]


@given(some.integers(0, 2**32 - 1))
def test_an_address_is_judged_alike_however_it_is_wrapped(number: int) -> None:
    plain = ip_address(number)
    if not is_public(plain):
        for wrapped in (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80, number):
            assert not is_public(ip_address(wrapped.to_bytes(16, "big")))


@given(some.text(max_size=60))
def test_any_text_is_a_place_or_is_refused(text: str) -> None:
    for url in (text, f"http://{text}", f"https://help.example.com/{text}"):
        try:
            place = Reach().place(url)
        except Unreachable:
            continue
        assert place.port in (80, 443)

"""Which addresses may be linked."""

import pytest

from app.safety.links import Hosts, bare_urls

HOSTS = Hosts.of(["https://help.example.com/", "example.com", "*.docs.example", "http://127.0.0.1:8000"])


@pytest.mark.parametrize(
    "url",
    [
        "https://help.example.com/returns",
        "http://example.com",
        "https://help.example.com/a?b=c&d=e#f",
        "https://HELP.example.com/",
        "https://api.docs.example/x",
        "http://127.0.0.1:8000/chat",
        "https://help.example.com/100%25",
        "mailto:support@example.com",
    ],
)
def test_addresses_of_our_hosts_are_allowed(url: str) -> None:
    assert HOSTS.allow(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.net/",
        "https://help.example.com.evil.net/",
        "https://helpXexample.com/",
        "https://help.example.com@evil.example.net/",
        "https://evil.example.net\\@help.example.com/",
        "https://help.example.com%00.evil.example.net/",
        "https://help.example.com%2f@evil.example.net/",
        "https://help.example.com\u2024evil.example.net/",
        "https://\u0435xample.com/",
        "https://xn--80ak6aa92e.com/",
        "https://help.example.com:444/",
        "https://help.example.com/proxy?url=https%3A%2F%2Fevil.example.net%2Fx",
        "https://help.example.com/proxy?url=https%253A%252F%252Fevil.example.net",
        "https://help.example.com//evil.example.net",
        "https://help.example.com/a\nb",
        "//help.example.com/x",
        "javascript:alert(1)//help.example.com",
        "data:text/html,x",
        "ftp://help.example.com/",
        "mailto:x@evil.example.net",
        "mailto:support@example.com?body=secret",
        "tel:+1900555",
        "docs.example",
        "https://docs.example/",
        "https://[help.example.com/",
        "http://127.0.0.1/",
        "",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    assert not HOSTS.allow(url)


def test_a_star_allows_every_host_but_no_trick() -> None:
    anyone = Hosts.of(["*"])
    assert anyone.allow("https://anything.example/x")
    assert not anyone.allow("javascript:alert(1)")
    assert not anyone.allow("https://a@anything.example/x")


def test_an_address_on_the_readers_own_machine_may_be_read_but_not_followed() -> None:
    assert HOSTS.may_stand("http://localhost:8000/chat")
    assert not HOSTS.allow("http://localhost:8000/chat")
    assert not HOSTS.may_stand("http://localhost.evil.example/")
    assert not HOSTS.may_stand("http://localhost@evil.example/")


def test_a_document_cannot_allow_more_than_its_own_host() -> None:
    hosts = Hosts.of_documents(["https://a.example/x", "*", "https://*.example/", "/help/claim", ""])
    assert hosts.names == frozenset({"a.example"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See https://a.example/b.", ["https://a.example/b"]),
        ("(www.a.example/x), hxxps://b.example!", ["www.a.example/x", "hxxps://b.example"]),
        ("//c.example/q and 1//2", ["//c.example/q"]),
        ("no address, i.e. none at all: 3:4", []),
    ],
)
def test_bare_addresses_are_found_without_the_punctuation_behind_them(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in bare_urls(text)] == found

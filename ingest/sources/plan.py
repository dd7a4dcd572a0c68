"""What is fetched for a web source, and where it ends: its settings in the terms of a crawl."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.errors import Invalid
from ingest.discover import is_web
from ingest.sources.crawl import Limits
from ingest.sources.scope import Scope, below, one_form, site_of


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to begin, whether these are sitemaps, whether links are followed, and what belongs to it."""

    seeds: Sequence[str]
    scope: Scope
    limits: Limits
    sitemap: bool = False
    follow: bool = False


def plan_of(kind: str, settings: Mapping[str, Any], most: Limits) -> Plan:
    """The plan of a source of this kind. Raises `Invalid` for addresses that are none."""
    seeds = [one_form(url) for url in settings.get("urls") or [settings.get("url") or ""]]
    patterns = (tuple(settings.get("include") or ()), tuple(settings.get("exclude") or ()))
    limits = Limits(
        pages=min(settings.get("pages") or most.pages, most.pages),
        depth=min(settings.get("depth") or most.depth, most.depth),
        megabytes=min(settings.get("megabytes") or most.megabytes, most.megabytes),
    )
    match kind:
        case "crawl":
            scope = Scope([settings.get("prefix") or below(seed) for seed in seeds], *patterns)
            return Plan(seeds, scope, limits, follow=True)
        case "sitemap":
            return Plan(seeds, Scope([site_of(seed) for seed in seeds], *patterns), limits, sitemap=True)
        case "url":
            return Plan(seeds, Scope([site_of(seed) for seed in seeds]), limits)
    raise Invalid(f"A source of the kind “{kind}” is not fetched from the web.")


def kind_of(urls: Sequence[str]) -> str:
    """What addresses are that were named in the shell: a sitemap by its ending, else pages."""
    sitemaps = [urlsplit(url).path.lower().endswith((".xml", ".xml.gz")) for url in urls]
    if any(sitemaps) and not all(sitemaps):
        raise Invalid("Ingest pages and sitemaps one after the other, not in one run.")
    return "sitemap" if all(sitemaps) else "url"


def described(places: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Kind and settings of a source that was made in the shell, so that it can be read again from the console."""
    if is_web(places[0]):
        kind = kind_of(places)
        return kind, {"urls": list(places)}
    only_folder = len(places) == 1 and Path(places[0]).is_dir()
    return "folder", {"path": places[0]} if only_folder else {}

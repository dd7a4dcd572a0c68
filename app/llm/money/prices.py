"""What a call costs."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from types import ModuleType

from app.llm.types import Prompt, Usage

CHARACTERS_PER_TOKEN = 4
"""OpenAI's rule of thumb for English: https://help.openai.com/en/articles/4936856. Errs towards too many."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens. What a cache is read from or written with costs the same unless it is said."""

    input: float
    output: float
    cached_input: float | None = None
    cache_write: float | None = None
    since: date | None = None

    @property
    def version(self) -> str:
        """What the books call it."""
        return f"settings {self.since}" if self.since else "settings"


Prices = Price | tuple[Price, ...] | None


def in_force(prices: Prices, day: date) -> Price | None:
    """The price of this day: the latest that had begun. None leaves it to the list."""
    known = prices if isinstance(prices, tuple) else (prices,) if prices else ()
    begun = [price for price in known if price.since is None or price.since <= day]
    return max(begun, key=lambda price: price.since or date.min, default=None)


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars, exact, and where the price is from."""

    usd: Decimal
    source: str
    estimated: bool = False

    @property
    def micro_usd(self) -> int:
        """Millionths of a US dollar, as they are added up."""
        return int((self.usd * 1_000_000).quantize(Decimal(1), ROUND_HALF_UP))


def cost(
    usage: Usage, model_id: str, provider: str | None, price: Price | None = None, day: date | None = None
) -> Cost | None:
    """What this usage costs: by `price` if there is one, else by genai-prices of that day, or of today.

    None when nobody knows the price. `provider` is genai-prices' name of the provider, or the address of an endpoint
    that it may know.
    """
    if price:
        return Cost(_by_price(usage, price), price.version, usage.estimated)
    return _by_list(usage, model_id, provider, day) if provider and model_id else None


def estimated(prompt: Prompt, answer: str) -> Usage:
    """What a call has used whose provider said nothing, or whose stream was cut."""
    asked = len(prompt.system) + sum(len(turn.text) for turn in prompt.turns)
    return Usage(_tokens(asked), _tokens(len(answer)), estimated=True)


def _by_price(usage: Usage, price: Price) -> Decimal:
    read = _cached(usage)
    cached = price.input if price.cached_input is None else price.cached_input
    written = _written(usage)
    writing = price.input if price.cache_write is None else price.cache_write
    fresh = usage.input_tokens_total - read - written
    asked = _dollars(fresh, price.input) + _dollars(read, cached) + _dollars(written, writing)
    return asked + _dollars(usage.output_tokens_total, price.output)


def _by_list(usage: Usage, model_id: str, provider: str, day: date | None) -> Cost | None:
    if not _is_listed(model_id, provider):
        return None
    prices = _list()
    counted = prices.Usage(
        input_tokens=usage.input_tokens_total,
        cache_read_tokens=_cached(usage),
        cache_write_tokens=_written(usage),
        output_tokens=usage.output_tokens_total,
    )
    at = datetime.combine(day, time(), UTC) if day else None
    found = prices.calc_price(counted, model_id, genai_request_timestamp=at, **_where(provider))
    return Cost(Decimal(found.total_price), f"genai-prices {prices.__version__}", usage.estimated)


@lru_cache(256)
def _is_listed(model_id: str, provider: str) -> bool:
    """Whether the list knows this model: to look for one that it does not know takes 0.5 ms each time."""
    prices = _list()
    try:
        prices.calc_price(prices.Usage(input_tokens=1, output_tokens=1), model_id, **_where(provider))
    except (LookupError, ValueError):
        return False
    return True


def _where(provider: str) -> dict[str, str]:
    return {"provider_api_url": provider} if "://" in provider else {"provider_id": provider}


def _list() -> ModuleType:
    """The bundled list: it asks no network unless its updates are started, which we do not do."""
    import genai_prices  # noqa: PLC0415  # 28 MB and 0.13 s of processor time, only for those who pay a provider

    return genai_prices


def _cached(usage: Usage) -> int:
    """Grok on Azure reports more tokens read from the cache than were asked."""
    return min(usage.cache_read_tokens, usage.input_tokens_total)


def _written(usage: Usage) -> int:
    return min(usage.cache_write_tokens, usage.input_tokens_total - _cached(usage))


def _dollars(tokens: int, per_million: float) -> Decimal:
    return tokens * Decimal(str(per_million)) / 1_000_000


def _tokens(characters: int) -> int:
    return -(-characters // CHARACTERS_PER_TOKEN)

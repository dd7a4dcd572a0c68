import subprocess
import sys
from datetime import date
from decimal import Decimal

from app.llm.connecting import ModelChoice
from app.llm.money.prices import Price, cost, estimated, in_force
from app.llm.registry import choices_from_keys, cost_of
from app.llm.types import Prompt, Turn, Usage


def test_a_price_in_the_settings_counts_cached_tokens_at_their_own_price() -> None:
    spent = cost(Usage(1_000, 200, cache_read_tokens=400), "any", None, Price(1.0, 5.0, 0.1))
    assert spent
    assert (spent.micro_usd, spent.source, spent.usd) == (600 + 40 + 1000, "settings", Decimal("0.00164"))


def test_more_cached_tokens_than_asked_ones_are_not_paid_back() -> None:
    spent = cost(Usage(7, 1, cache_read_tokens=163), "any", None, Price(1.0, 1.0))
    assert spent
    assert spent.micro_usd == 8


def test_what_is_written_to_a_cache_has_a_price_of_its_own() -> None:
    usage = Usage(1_000, 0, cache_read_tokens=400, cache_write_tokens=500)
    dear, plain = (cost(usage, "any", None, Price(1.0, 5.0, 0.1, write)) for write in (1.25, None))
    assert dear
    assert plain
    assert (dear.micro_usd, plain.micro_usd) == (100 + 40 + 625, 100 + 40 + 500)


def test_the_bundled_list_prices_what_anthropic_reads_and_writes() -> None:
    fresh, read, written = (
        cost(Usage(1_000_000, 0, cache_read_tokens=read, cache_write_tokens=write), "claude-sonnet-5", "anthropic")
        for read, write in ((0, 0), (1_000_000, 0), (0, 1_000_000))
    )
    assert fresh
    assert read
    assert written
    assert (read.usd / fresh.usd, written.usd / fresh.usd) == (Decimal("0.1"), Decimal("1.25"))


def test_without_a_price_the_bundled_list_is_asked() -> None:
    spent = cost(Usage(1_000_000, 1_000_000), "gpt-4o-mini", "openai")
    assert spent
    assert spent.micro_usd == 750_000
    assert spent.source.startswith("genai-prices ")


def test_odd_usage_is_priced_by_the_list_too() -> None:
    assert cost(Usage(7, 1, cache_read_tokens=163, cache_write_tokens=9), "gpt-4o-mini", "openai")


def test_a_model_that_nobody_knows_has_no_price() -> None:
    assert cost(Usage(1, 1), "my-own", "http://127.0.0.1:11434/v1") is None
    assert cost(Usage(1, 1), "my-own", None) is None


def test_the_price_of_an_endpoint_is_found_by_its_address() -> None:
    choice = ModelChoice("d", "openai-compatible", "deepseek-v4-flash", "https://api.deepseek.com/v1")
    assert cost_of(choice, Usage(1000, 1000))


def test_the_extractive_model_costs_nothing() -> None:
    free = cost_of(ModelChoice("extractive", "extractive"), Usage(9, 9))
    assert free
    assert free.micro_usd == 0


def test_the_models_that_come_with_a_key_alone_have_a_price() -> None:
    choices, _ = choices_from_keys(
        dict.fromkeys(("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY"), "k")
    )
    assert len(choices) == 8
    assert all(cost_of(choice, Usage(1_000_000, 1_000_000)) for choice in choices)


def test_what_a_silent_provider_used_is_estimated_and_said_to_be() -> None:
    usage = estimated(Prompt("x" * 8, (Turn("user", "y" * 5),)), "z" * 3)
    assert (usage.input_tokens_total, usage.output_tokens_total, usage.estimated) == (4, 1, True)


def test_the_price_list_is_not_loaded_before_it_is_asked() -> None:
    program = "import sys, app.llm.registry; raise SystemExit('genai_prices' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_price_holds_from_its_day_on() -> None:
    old, new = Price(1, 2), Price(3, 4, since=date(2027, 1, 1))
    assert in_force((new, old), date(2026, 12, 31)) is old
    assert in_force((new, old), date(2027, 1, 1)) is new
    assert in_force(old, date(2027, 1, 1)) is old
    assert in_force((new,), date(2026, 12, 31)) is None
    assert in_force(None, date(2026, 12, 31)) is None
    told = cost(Usage(1_000_000, 0), "m", None, in_force((old, new), date(2027, 5, 5)))
    assert told is not None
    assert (told.usd, told.source) == (Decimal(3), "settings 2027-01-01")

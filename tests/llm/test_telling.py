"""What is told of a call, and what is not."""

from datetime import UTC, datetime

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from app.llm.money.calls import Called
from app.llm.money.telling import Figures, log_call
from app.llm.spans import collect, trace_call

CALLED = Called(
    "id", "w1", "draft", "sonnet", "anthropic", datetime(2026, 11, 21, tzinfo=UTC), "c1", "t1", "anna@example.com",
    input_tokens=1_000, output_tokens=100, cost_micro_usd=2_500, total_ms=1_500, attempts=2, error="cut_off",
)  # fmt: skip


def test_the_figures_count_calls_tokens_cost_and_errors_by_model() -> None:
    figures = Figures()
    figures(CALLED)
    told = generate_latest(figures.registry).decode()
    for line in (
        'answerdesk_model_calls_total{model="sonnet",purpose="draft"} 1.0',
        'answerdesk_model_tokens_total{kind="output",model="sonnet"} 100.0',
        'answerdesk_model_cost_usd_total{model="sonnet",purpose="draft"} 0.0025',
        'answerdesk_model_errors_total{kind="cut_off",model="sonnet"} 1.0',
        'answerdesk_model_seconds_sum{model="sonnet"} 1.5',
    ):
        assert line in told


def test_the_log_has_one_line_a_call_without_the_customer() -> None:
    with capture_logs() as lines:
        log_call(CALLED)
    (line,) = lines
    assert (line["event"], line["model"], line["cost_micro_usd"], line["attempts"]) == (
        "model.called",
        "sonnet",
        2_500,
        2,
    )
    assert "anna" not in str(line)


def test_a_span_follows_the_conventions_for_generative_ai_and_has_no_content() -> None:
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    trace_call(CALLED, provider.get_tracer("test"))
    (span,) = kept.get_finished_spans()
    assert span.name == "chat sonnet"
    assert (span.end_time or 0) - (span.start_time or 0) == 1_500 * 1_000_000
    assert dict(span.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "sonnet",
        "gen_ai.usage.input_tokens": 1_000,
        "gen_ai.usage.output_tokens": 100,
        "answerdesk.purpose": "draft",
        "answerdesk.cost_usd": 0.0025,
        "error.type": "cut_off",
    }
    assert not span.status.is_ok


def test_nothing_is_collected_unless_somebody_asks_for_it() -> None:
    collect({})
    trace_call(CALLED)

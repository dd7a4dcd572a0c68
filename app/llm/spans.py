"""Calls of models as OpenTelemetry spans, after its conventions for generative AI and without content."""

from collections.abc import Mapping
from typing import Any

from opentelemetry import trace

from app.llm.money.calls import Called

_PROVIDERS = {
    "openai-chat": "openai", "openai-responses": "openai", "azure-openai": "azure.ai.openai", "anthropic": "anthropic",
    "bedrock": "aws.bedrock", "gemini": "gcp.gemini", "mistral": "mistral_ai",
}  # fmt: skip


def trace_call(called: Called, tracer: trace.Tracer | None = None) -> None:
    """One span a call. Free while nobody collects it."""
    began = int(called.started_at.timestamp() * 1_000_000_000)
    told: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _PROVIDERS.get(called.dialect, called.dialect),
        "gen_ai.request.model": called.model,
        "gen_ai.usage.input_tokens": called.input_tokens,
        "gen_ai.usage.output_tokens": called.output_tokens,
        "answerdesk.purpose": called.purpose,
        "answerdesk.cost_usd": called.cost_micro_usd / 1_000_000,
        **({"gen_ai.response.finish_reasons": (called.stop,)} if called.stop else {}),
        **({"error.type": called.error} if called.error else {}),
    }
    tracer = tracer or trace.get_tracer("answerdesk")
    span = tracer.start_span(f"chat {called.model}", kind=trace.SpanKind.CLIENT, attributes=told, start_time=began)
    if called.error:
        span.set_status(trace.StatusCode.ERROR)
    span.end(began + called.total_ms * 1_000_000)


def collect(environment: Mapping[str, str]) -> None:
    """Send spans to the collector that OpenTelemetry's own variable names; without it nothing is loaded."""
    if not environment.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  # see above
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  # the same
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  # the same
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  # the same

    name = environment.get("OTEL_SERVICE_NAME", "answerdesk")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)

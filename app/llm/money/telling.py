"""Who hears of each call: the log and Prometheus. Neither hears what was said."""

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram

from app.llm.money.calls import Called

log = structlog.get_logger()
_LOGGED = (
    "model", "purpose", "turn_id", "input_tokens", "cache_read_tokens", "output_tokens", "cost_micro_usd", "estimated",
    "first_text_ms", "total_ms", "attempts", "stop", "error",
)  # fmt: skip
_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 90)


def log_call(called: Called) -> None:
    """One line a call."""
    log.info("model.called", **{name: getattr(called, name) for name in _LOGGED})


class Figures:
    """Calls, tokens, cost, errors and seconds by model, for Prometheus."""

    def __init__(self) -> None:
        self.registry = it = CollectorRegistry()
        who, prefix = ("model", "purpose"), "answerdesk_model"
        self.calls = Counter(f"{prefix}_calls", "Calls of models.", who, registry=it)
        self.tokens = Counter(f"{prefix}_tokens", "Tokens of models.", ("model", "kind"), registry=it)
        self.cost = Counter(f"{prefix}_cost_usd", "US dollars spent on models.", who, registry=it)
        self.errors = Counter(f"{prefix}_errors", "Calls that broke off.", ("model", "kind"), registry=it)
        about = "Seconds that calls of models took."
        self.seconds = Histogram(f"{prefix}_seconds", about, ("model",), buckets=_SECONDS, registry=it)

    def __call__(self, called: Called) -> None:
        """Count one call."""
        self.calls.labels(called.model, called.purpose).inc()
        for kind in ("input", "cache_read", "cache_write", "output", "reasoning"):
            self.tokens.labels(called.model, kind).inc(getattr(called, f"{kind}_tokens"))
        self.cost.labels(called.model, called.purpose).inc(called.cost_micro_usd / 1_000_000)
        self.seconds.labels(called.model).observe(called.total_ms / 1000)
        if called.error:
            self.errors.labels(called.model, called.error).inc()

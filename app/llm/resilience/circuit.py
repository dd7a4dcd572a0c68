"""Whether a model is well enough to be asked: told from its latest calls, as a value that changes."""

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import orjson

from app.llm.errors import Kind, ModelError

Verdict = Literal["good", "slow", "bad", "dead"]
_BAD: frozenset[Kind] = frozenset({"unavailable", "timeout", "server", "overloaded", "cut_off", "malformed"})
_DEAD: frozenset[Kind] = frozenset({"auth", "permission", "not_found", "quota"})


@dataclass(frozen=True, slots=True)
class Rules:
    """When a model is no longer asked, and how often somebody looks whether it is well again. Times are seconds."""

    latest: int = 20
    fewest: int = 4
    within: float = 120
    bad_share: float = 0.5
    slow_share: float = 0.8
    slow_after: float = 10
    probe_every: float = 10
    dead_probe_every: float = 300


class Leave(NamedTuple):
    """Whether to ask: the model (`go`), as a probe (`probe`), or not (`stay`), and how long until the next probe."""

    answer: Literal["go", "probe", "stay"]
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Circuit:
    """The latest calls while it is closed; once it is open, when the next probe is due and how far apart they are."""

    calls: tuple[tuple[float, Verdict], ...] = ()
    probe_at: float = 0.0
    every: float = 0.0

    @classmethod
    def read(cls, note: bytes) -> "Circuit":
        """The circuit that a note tells of."""
        if not note:
            return cls()
        calls, probe_at, every = orjson.loads(note)
        return cls(tuple((at, verdict) for at, verdict in calls), probe_at, every)

    @property
    def note(self) -> bytes:
        """The circuit as a note."""
        return orjson.dumps((self.calls, self.probe_at, self.every))

    def asked(self, now: float) -> tuple["Circuit", Leave]:
        """Somebody wants to ask. The next probe is taken by whoever comes first when it is due."""
        if not self.probe_at:
            return self, Leave("go")
        if now < self.probe_at:
            return self, Leave("stay", self.probe_at - now)
        return replace(self, probe_at=now + self.every), Leave("probe")

    def told(self, verdict: Verdict, now: float, rules: Rules) -> tuple["Circuit", bool]:
        """How a call went, and whether it opened the circuit. Calls that were under way when it opened say nothing."""
        if self.probe_at:
            return self, False
        if verdict == "dead":
            return self._open(now, rules.dead_probe_every), True
        calls = [call for call in self.calls if call[0] > now - rules.within][1 - rules.latest :]
        calls.append((now, verdict))
        if _too_many(calls, rules):
            return self._open(now, rules.probe_every), True
        return Circuit(tuple(calls)), False

    def probed(self, verdict: Verdict, now: float, rules: Rules) -> "Circuit":
        """How the probe went: one that is answered closes the circuit."""
        if verdict in {"good", "slow"}:
            return Circuit()
        return self._open(now, rules.dead_probe_every if verdict == "dead" else rules.probe_every)

    def _open(self, now: float, every: float) -> "Circuit":
        return Circuit((), now + every, every)


def verdict_on(error: ModelError) -> Verdict | None:
    """What an error says about the model's health; a busy model, or one that was asked badly, is not ill."""
    if error.kind in _DEAD:
        return "dead"
    return "bad" if error.kind in _BAD else None


def _too_many(calls: list[tuple[float, Verdict]], rules: Rules) -> bool:
    verdicts = [verdict for _, verdict in calls]
    bad, slow = verdicts.count("bad") / len(verdicts), verdicts.count("slow") / len(verdicts)
    return len(verdicts) >= rules.fewest and (bad >= rules.bad_share or bad + slow >= rules.slow_share)

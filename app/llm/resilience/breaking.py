"""A circuit breaker for each model: when it is ill nobody waits for it, and somebody looks after it meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from app.llm.errors import ModelError
from app.llm.gateway import asked
from app.llm.money.budget import BudgetSpent
from app.llm.money.payer import Payer
from app.llm.resilience.boards import Board, MemoryBoard
from app.llm.resilience.circuit import Circuit, Leave, Rules, Verdict, verdict_on
from app.llm.types import Model, Options, Part, Prompt, Turn

PROBE = Prompt("", (Turn("user", "Say OK."),), "Say OK.")
PROBE_TOKENS = 64  # some models think before they speak
Alert = Callable[[str, ModelError], None]


def tell_nobody(_model: str, _error: ModelError) -> None:
    """For whoever needs no alert."""


@dataclass(frozen=True, slots=True)
class Prober:
    """Asks an ill model a tiny question; what that costs is on the books when `model` is."""

    model: Model
    payer: Payer = field(default_factory=lambda: Payer(purpose="probe"))

    async def __call__(self) -> Verdict:
        """How it went."""
        options = Options(max_output_tokens=PROBE_TOKENS, payer=self.payer)
        try:
            async with asked(self.model, PROBE, options) as answer:
                async for _ in answer:
                    pass
        except BudgetSpent:
            return "bad"  # nobody was asked: the model is as ill as before
        except ModelError as error:
            return verdict_on(error) or ("bad" if error.kind == "rate_limit" else "good")
        return "good"


@dataclass(frozen=True, slots=True)
class Watched:
    """Asks a model while it is well. Once too many calls failed or were slow, calls fail at once.

    The model is then probed in the background with a tiny prompt, by one process at a time, until it answers: no
    customer's question is the one that finds out. `alert` is told once when the circuit opens.
    """

    model: Model
    board: Board = field(default_factory=MemoryBoard)
    rules: Rules = field(default_factory=Rules)
    alert: Alert = tell_nobody
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    probing: set[asyncio.Task[None]] = field(default_factory=set)
    prober: Prober | None = None

    @property
    def name(self) -> str:
        """The name of the model that is asked."""
        return self.model.name

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        """Yield the model's parts. Raises `unavailable` at once while the circuit is open."""
        await self._admit()
        start, waited = self.clock(), -1.0
        try:
            async with asked(self.model, prompt, options) as answer:
                async for part in answer:
                    if waited < 0:
                        waited = self.clock() - start
                    yield part
        except ModelError as error:
            await self._failed(error)
            raise
        except GeneratorExit:  # somebody hung up: what was heard until then was good
            if waited >= 0:
                await self._tell(self._timely(waited))
            raise
        await self._tell(self._timely(waited))

    async def is_ill(self) -> bool:
        """Whether its circuit is open, so that nobody asks it."""
        return (await self._ask_leave()).answer != "go"

    async def forgive(self) -> None:
        """Forget how it fared: what made it ill was mended, and the next call may ask it."""
        await self.close()
        await self.board.change(self._key, lambda _: (b"", None))

    async def close(self) -> None:
        """Stop to look after the model."""
        for task in self.probing:
            task.cancel()
        await asyncio.gather(*self.probing, return_exceptions=True)

    async def _admit(self) -> None:
        if (await self._ask_leave()).answer == "go":
            return
        self._look_after()
        message = "The model has failed too often and is not asked until a probe succeeds."
        raise ModelError("unavailable", message, retryable=False)

    async def _ask_leave(self) -> Leave:
        """Never takes the probe: that is for those who look after the model."""
        return await self.board.change(self._key, lambda note: (note, _leave(note, self.clock())))

    async def _failed(self, error: ModelError) -> None:
        verdict = verdict_on(error)
        if verdict and await self._tell(verdict):
            self.alert(self.name, error)
            self._look_after()

    def _timely(self, waited: float) -> Verdict:
        return "slow" if waited > self.rules.slow_after else "good"

    async def _tell(self, verdict: Verdict) -> bool:
        def change(note: bytes) -> tuple[bytes, bool]:
            circuit, opened = Circuit.read(note).told(verdict, self.clock(), self.rules)
            return circuit.note, opened

        return await self.board.change(self._key, change)

    def _look_after(self) -> None:
        if not self.probing:
            task = asyncio.create_task(self._nurse(), name=f"probe {self.name}")
            self.probing.add(task)
            task.add_done_callback(self.probing.discard)

    async def _nurse(self) -> None:
        """Probe whenever it is due, until the circuit is closed."""
        while (leave := await self.board.change(self._key, self._take_leave)).answer != "go":
            if leave.answer == "stay":
                await self.sleep(leave.wait)
                continue
            await self._tell_probed(await (self.prober or Prober(self.model))())

    def _take_leave(self, note: bytes) -> tuple[bytes, Leave]:
        circuit, leave = Circuit.read(note).asked(self.clock())
        return circuit.note, leave

    async def _tell_probed(self, verdict: Verdict) -> None:
        def change(note: bytes) -> tuple[bytes, None]:
            return Circuit.read(note).probed(verdict, self.clock(), self.rules).note, None

        await self.board.change(self._key, change)

    @property
    def _key(self) -> str:
        return f"circuit:{self.name}"


def _leave(note: bytes, now: float) -> Leave:
    leave = Circuit.read(note).asked(now)[1]
    return leave if leave.answer == "go" else Leave("stay")

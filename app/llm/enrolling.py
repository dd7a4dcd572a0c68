"""Models come, go and get well with their keys, without a restart."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from app.llm.connecting import ModelChoice, key_name
from app.llm.keyring.keyring import Keyring
from app.llm.registry import KEYS, RouteChoice, choices_from_keys
from app.llm.resilience.keeping import Keeper
from app.llm.types import Model

Build = Callable[[Collection[ModelChoice]], dict[str, Model]]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Keeps the models in step with the keys. `models`, `choices` and `written` are those that the house looks into.

    Models that were written down stay whatever becomes of their key; where none was (`by_keys`), they are those of the
    keys that are there, and so is the route of answers unless that was written down (`routed`).
    """

    keyring: Keyring
    keeper: Keeper
    models: dict[str, Model]
    choices: dict[str, ModelChoice]
    written: dict[str, RouteChoice]
    build: Build
    by_keys: bool
    routed: bool

    async def look(self) -> None:
        """Take up changed keys: whoever is asked with them is asked again, however ill it was."""
        changed = await self.keyring.look()
        if changed and self.by_keys:
            await self._enrol()
        await self.keeper.forgive({one.name for one in self.choices.values() if key_name(one) in changed})

    def users(self) -> dict[str, list[str]]:
        """Each key that counts here or is stored, with the models that are asked with it."""
        found: dict[str, list[str]] = {name: [] for name in (KEYS if self.by_keys else ())}
        for choice in self.choices.values():
            if name := key_name(choice):
                found.setdefault(name, []).append(choice.name)
        kept = [name for name, one in self.keyring.stored.items() if one.sealed]
        return {**{name: [] for name in kept}, **found}

    async def _enrol(self) -> None:
        choices, route = choices_from_keys(self.keyring)
        wanted = {choice.name: choice for choice in choices}
        gone = self.choices.keys() - wanted.keys()
        fresh = {name: choice for name, choice in wanted.items() if name not in self.choices}
        self.models.update(self.build(fresh.values()))
        self.choices.update(fresh)
        for name in gone:
            del self.models[name], self.choices[name]
        if not self.routed:
            self.written["answer"] = route
        await self.keeper.dismiss(gone)

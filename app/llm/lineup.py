"""Routes as they stand now: who is tried in which order. An admin may change them while turns run."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from app.errors import Invalid
from app.llm.connecting import EXTRACTIVE
from app.llm.money.payer import PURPOSES
from app.llm.registry import RouteChoice
from app.llm.types import Model

LONGEST = 20
FALLS_BACK_ON: Mapping[str, str | None] = {
    "answer": None,
    "draft": "answer",
    "rewrite": None,
    "summary": "answer",
    "judge": "answer",
}
"""The routes of the product, and whose models stand in while nobody has set one. Without a route for it, questions are
rewritten by rules alone."""


@dataclass(slots=True)
class Lineup(Collection[Model]):
    """Models in the order in which they are tried. A turn that has begun keeps the order that it found."""

    models: tuple[Model, ...] = ()

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models)

    def __len__(self) -> int:
        return len(self.models)

    def __contains__(self, model: object) -> bool:
        return model in self.models


@dataclass(frozen=True, slots=True)
class Routes:
    """The routes that the product uses. `written` are the settings', which an admin's choice stands in for.

    What neither has set `follows` the route that it falls back on. `models` are those that a route may name; the
    extractive one always comes last by itself and need not be named.
    """

    models: Mapping[str, Model]
    written: Mapping[str, RouteChoice]
    cheap: Mapping[str, Lineup] = field(init=False)
    strong: Mapping[str, Lineup] = field(init=False)
    standing: dict[str, RouteChoice] = field(init=False)
    follows: dict[str, str | None] = field(init=False)

    def __post_init__(self) -> None:
        """Let the settings' routes stand."""
        object.__setattr__(self, "cheap", {name: Lineup() for name in FALLS_BACK_ON})
        object.__setattr__(self, "strong", {name: Lineup() for name in FALLS_BACK_ON})
        object.__setattr__(self, "standing", {})
        object.__setattr__(self, "follows", {})
        self.stand({})

    def stand(self, chosen: Mapping[str, RouteChoice]) -> None:
        """Let these routes stand in for the settings'; those that are not named stand as written."""
        for name, other in FALLS_BACK_ON.items():
            own = chosen.get(name) or self.written.get(name)
            choice = own or (self.standing[other] if other else RouteChoice())
            self.standing[name], self.follows[name] = choice, None if own else other
            self.cheap[name].models = self._models(choice.cheap or choice.strong)
            self.strong[name].models = self._models(choice.strong or choice.cheap)

    def check(self, name: str, choice: RouteChoice) -> None:
        """Whether this could stand. Raises `Invalid` with what to mend."""
        self.check_name(name)
        if not choice.cheap and not choice.strong:
            raise Invalid(f"The route “{name}” is empty. Name at least one model; “extractive” needs no provider.")
        for kind, names in (("cheap", choice.cheap), ("strong", choice.strong)):
            self._check_list(f"The {kind} list of the route “{name}”", names)

    def check_name(self, name: str) -> None:
        """Whether there is such a route. Raises `Invalid`."""
        if name not in FALLS_BACK_ON:
            raise Invalid(f"There is no route “{name}”. The routes are: {', '.join(sorted(FALLS_BACK_ON))}.")

    def _check_list(self, place: str, names: tuple[str, ...]) -> None:
        if len(names) > LONGEST:
            raise Invalid(f"{place} has {len(names)} models. It may have at most {LONGEST}.")
        for number, one in enumerate(names):
            if one not in self.models and one in PURPOSES:
                raise Invalid(f"{place} names the route “{one}”: routes cannot lead to routes. Name models instead.")
            if one not in self.models:
                known = ", ".join(sorted(self.models))
                raise Invalid(f"{place} names “{one}”, which is no model. Name some of these: {known}.")
            if one in names[:number]:
                raise Invalid(f"{place} names “{one}” twice. Name each model once.")

    def _models(self, names: tuple[str, ...]) -> tuple[Model, ...]:
        last = self.models[EXTRACTIVE]
        return tuple(self.models[name] for name in dict.fromkeys(names) if self.models.get(name, last) is not last)

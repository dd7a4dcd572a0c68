"""What an admin sets, checked; and the rules that follow from it with a calibration."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.answering.deciding.calibration import Calibration
from app.answering.deciding.office import OfficeHours
from app.answering.deciding.rules import Rules
from app.errors import Invalid

MOST_TOPICS, LONGEST_TOPIC = 100, 100
LEAST_WRONG, MOST_WRONG = 0.005, 0.5
_FIELDS = ("max_wrong", "caveat_from", "never_auto", "office_hours")


@dataclass(frozen=True, slots=True)
class Policy:
    """`max_wrong`: the share of plain answers that may be wrong. Below `caveat_from` a person is offered."""

    max_wrong: float = 0.1
    caveat_from: float = 0.25
    never_auto: tuple[str, ...] = ()
    office: OfficeHours | None = None

    def json(self) -> dict[str, Any]:
        """As it is stored and told."""
        return {
            "max_wrong": self.max_wrong,
            "caveat_from": self.caveat_from,
            "never_auto": list(self.never_auto),
            "office_hours": self.office.json() if self.office else None,
        }

    def changed(self, wanted: Mapping[str, Any]) -> "Policy":
        """The same with these fields as an admin wrote them. Raises `Invalid`, which says what is wrong."""
        unknown = sorted(set(wanted) - set(_FIELDS))
        if unknown:
            raise Invalid(f"A policy has no “{unknown[0]}”. It has {', '.join(_FIELDS)}.")
        new = self
        if "max_wrong" in wanted:
            new = replace(new, max_wrong=_share(wanted["max_wrong"], "max_wrong", LEAST_WRONG, MOST_WRONG))
        if "caveat_from" in wanted:
            new = replace(new, caveat_from=_share(wanted["caveat_from"], "caveat_from", 0.0, 1.0))
        if "never_auto" in wanted:
            new = replace(new, never_auto=_topics(wanted["never_auto"]))
        if "office_hours" in wanted:
            hours = wanted["office_hours"]
            new = replace(new, office=OfficeHours.of(hours) if hours else None)
        return new


def rules_of(policy: Policy, version: int, calibration: Calibration) -> Rules:
    """The rules that follow. `version` 0 is what the settings say."""
    answer_from = calibration.promise(policy.max_wrong).threshold
    caveat_from = min(policy.caveat_from, answer_from)
    return Rules(
        never_auto=policy.never_auto,
        answer_from=answer_from,
        caveat_from=caveat_from,
        try_from=caveat_from / 2,
        version=f"policy-{version}",
        calibration=calibration.version,
        curve=calibration.curve,
        office=policy.office,
    )


def _share(value: Any, name: str, least: float, most: float) -> float:  # noqa: ANN401  # whatever was sent
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise Invalid(f"“{name}” must be a number from {least:g} to {most:g}, such as 0.05 for 5 %.")
    return float(value)


def _topics(value: Any) -> tuple[str, ...]:  # noqa: ANN401  # whatever was sent
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise Invalid("“never_auto” must be a list of topics.")
    topics = tuple(dict.fromkeys(" ".join(one.split()) for one in value))
    if not all(topics) or len(topics) > MOST_TOPICS or max(map(len, topics), default=0) > LONGEST_TOPIC:
        raise Invalid(f"At most {MOST_TOPICS} topics of 1 to {LONGEST_TOPIC} characters can be kept for people.")
    return topics

"""When a run may publish by itself: the rule of a source, and what speaks against a snapshot under it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from app.errors import Invalid

Publish = Literal["always", "checks", "never"]
CHOICES: tuple[Publish, ...] = ("always", "checks", "never")
FEW = 3
"""Fewer documents than this may vanish, whatever their share, unless nothing is left: small sources change by hand."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a snapshot waits. One that `stops` must be overridden; another one only asks for a look."""

    sentence: str
    stops: bool = True

    def json(self) -> dict[str, Any]:
        """As it is stored with the snapshot."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PublishRule:
    """`always` publishes whatever comes, `never` waits for a look, `checks` publishes when nothing speaks against it.

    `vanished` is the share of the source's documents that may be missing in the new snapshot, `impact` the share of
    recent questions whose answer may be lost or rest on something else; none: however many.
    """

    publish: Publish = "checks"
    vanished: float | None = 0.2
    impact: float | None = None
    probes: bool = True

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "PublishRule":
        """From what a source keeps. Raises `Invalid`, which says what is wrong."""
        unknown = sorted(set(stored) - {"publish", "vanished", "impact", "probes"})
        if unknown:
            raise Invalid(f"A publish rule has no “{unknown[0]}”. It has publish, vanished, impact and probes.")
        rule = cls(**stored)
        if rule.publish not in CHOICES:
            raise Invalid("A source publishes always, checks or never. Choose one of these.")
        if not isinstance(rule.probes, bool):
            raise Invalid("Whether probe questions must pass is true or false.")
        _share("vanished", rule.vanished)
        _share("impact", rule.impact)
        return rule

    def json(self) -> dict[str, Any]:
        """As a source keeps it."""
        return asdict(self)


def _share(name: str, value: object) -> None:
    fits = value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1)
    if not fits:
        raise Invalid(f"The share “{name}” must be a number from 0 to 1, or null for no limit.")


def vanishing(sources: Sequence[Mapping[str, Any]], rules: Mapping[str, PublishRule]) -> list[Reason]:
    """Of which sources too much would vanish; `sources` are those of a comparison."""
    return [Reason(said) for one in sources if (said := _vanished(one, rules.get(one["source"], PublishRule())))]


def _vanished(source: Mapping[str, Any], rule: PublishRule) -> str:
    before, gone = source["before"], source["removed"]
    if rule.vanished is None or not gone:
        return ""
    if not source["after"]:
        return f"The source “{source['source']}” would be empty: its {_documents(before)} vanish."
    if gone < FEW or gone / before <= rule.vanished:
        return ""
    share, most = f"{gone / before:.0%}", f"{rule.vanished:.0%}"
    return f"{gone} of {_documents(before)} of the source “{source['source']}” vanish ({share}; at most {most} may)."


def affecting(impact: Mapping[str, Any], rule: PublishRule) -> list[Reason]:
    """Whether too many answers would change."""
    share = impact.get("share")
    if rule.impact is None or share is None or share <= rule.impact:
        return []
    return [
        Reason(
            f"The answers to {share:.0%} of recent questions would be lost or change; at most {rule.impact:.0%} may."
        )
    ]


def _documents(count: int) -> str:
    return f"{count} document" if count == 1 else f"{count} documents"

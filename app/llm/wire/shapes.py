"""Reading JSON whose shape only its sender knows: what is not as expected reads as empty, and never raises."""

from typing import Any

Json = dict[str, Any]


def mapping(value: object) -> Json:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[Json]:
    """The objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def first(value: object) -> Json:
    """The first object of a list, or an empty one."""
    return next(iter(mappings(value)), {})


def string(value: object) -> str:
    """The text, or none."""
    return value if isinstance(value, str) else ""


def count(value: object) -> int:
    """How many; zero when it is no number. A size that no answer has reads as zero as well."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 0 <= value < 2**53 else 0

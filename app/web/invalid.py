"""What is wrong with a request's fields, each in one plain sentence."""

from collections.abc import Callable, Mapping
from typing import Any

LONGEST_NAME = 60


def explained(error: Mapping[str, Any]) -> dict[str, str]:
    """Where the mistake is, as a JSON Pointer (RFC 6901), and what is wrong there."""
    place = [str(part).encode("utf-8", "replace").decode() for part in error["loc"][1:]]
    pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in place)
    return {"pointer": pointer[:LONGEST_NAME] if error["loc"][0] == "body" else "", "detail": _sentence(error, place)}


def _sentence(error: Mapping[str, Any], place: list[str]) -> str:
    name = f"“{'.'.join(place)[:LONGEST_NAME]}”" if place else "The body"
    kind = str(error["type"])
    if isinstance(error.get("input"), str):
        kind = {"too_long": "string_too_long", "too_short": "string_too_short"}.get(kind, kind)
    known = _SENTENCES.get(kind)
    if known:
        return known(name, error.get("ctx") or {}, error.get("input"))
    message = str(error.get("msg", "is not right")).removeprefix("Value error, ")
    return message if message.endswith(".") else f"{name} is not right: {message}."


Sentence = Callable[[str, Mapping[str, Any], Any], str]
_SENTENCES: dict[str, Sentence] = {
    "missing": lambda name, _ctx, _given: f"{name} is missing.",
    "json_invalid": lambda _name, ctx, _given: f"The body is not valid JSON: {ctx.get('error', 'it cannot be read')}.",
    "extra_forbidden": lambda name, _ctx, _given: f"{name} is not known here. Please leave it out.",
    "string_type": lambda name, _ctx, _given: f"{name} must be text.",
    "string_unicode": lambda name, _ctx, _given: f"{name} holds characters that are not valid Unicode.",
    "string_too_long": lambda name, ctx, given: (
        f"{name} may have at most {ctx['max_length']:,} characters; yours has {len(given):,}."
    ),
    "string_too_short": lambda name, ctx, _given: (
        f"{name} needs at least {ctx['min_length']:,} character{'s' * (ctx['min_length'] != 1)}."
    ),
    "too_long": lambda name, ctx, _given: f"{name} may have at most {ctx['max_length']:,} entries.",
    "too_short": lambda name, ctx, _given: f"{name} needs at least {ctx['min_length']:,} entries.",
    "literal_error": lambda name, ctx, _given: f"{name} must be one of {ctx['expected']}.",
    "enum": lambda name, ctx, _given: f"{name} must be one of {ctx['expected']}.",
    "int_type": lambda name, _ctx, _given: f"{name} must be a whole number.",
    "int_parsing": lambda name, _ctx, _given: f"{name} must be a whole number.",
    "int_parsing_size": lambda name, _ctx, _given: f"{name} is too large a number.",
    **dict.fromkeys(("float_type", "float_parsing"), lambda name, _ctx, _given: f"{name} must be a number."),
    "finite_number": lambda name, _ctx, _given: f"{name} must be a number that is not infinite.",
    "bool_type": lambda name, _ctx, _given: f"{name} must be true or false.",
    "bool_parsing": lambda name, _ctx, _given: f"{name} must be true or false.",
    "greater_than_equal": lambda name, ctx, _given: f"{name} must be at least {ctx['ge']:,}.",
    "less_than_equal": lambda name, ctx, _given: f"{name} may be at most {ctx['le']:,}.",
    "model_attributes_type": lambda name, _ctx, _given: f"{name} must be a JSON object, sent as application/json.",
    "model_type": lambda name, _ctx, _given: f"{name} must be a JSON object, sent as application/json.",
    "dict_type": lambda name, _ctx, _given: f"{name} must be a JSON object.",
    "list_type": lambda name, _ctx, _given: f"{name} must be a list.",
}

"""Drafts of articles for gaps: a model's through a batch; without a model, an outline with the gaps marked."""

import re
import secrets

from app.answering.prompt import harmless, template
from app.insight.gaps.store import Material
from app.llm.types import Options, Prompt, Turn
from app.safety.redaction import redact, scrubbed

GAP = "gap-1"
MOST_TOKENS = 900
LONGEST = 6_000  # characters
_HTML = re.compile(r"<[^>\n]{1,300}>")
_ADDRESS = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


def gap_prompt(material: Material, workspace: str) -> Prompt:
    """Ask for an article, from redacted questions and replies."""
    marker = secrets.token_hex(6)
    asked = "\n".join(f"- {_safe(text, marker)}" for text in material.questions)
    replied = "\n\n".join(_safe(text, marker) for text in material.replies) or "(nobody has replied yet)"
    parts = (f"--- {marker} what customers asked", asked, f"--- {marker} what agents replied", replied)
    said = "\n".join((f"The marker is {marker}.", "", *parts, f"--- {marker} end"))
    return Prompt(template(GAP).substitute(workspace=workspace), (Turn("user", said),), said)


def gap_options() -> Options:
    """How it is asked."""
    return Options(max_output_tokens=MOST_TOKENS)


def clean(text: str) -> str:
    """A model's article as an admin may see and copy it: Markdown without HTML, links and pictures."""
    plain = _ADDRESS.sub(r"\1", _HTML.sub("", text)).strip()
    return scrubbed(plain)[:LONGEST]


def outline(material: Material) -> str:
    """What stands there without a model."""
    title = scrubbed(material.questions[0]).rstrip("?!. ")
    asked = "\n".join(f"- {scrubbed(text)}" for text in material.questions)
    replied = "\n\n".join(scrubbed(text) for text in material.replies) or "[to check: how this is done]"
    return f"# {title}\n\n{replied}\n\n## Asked like this\n\n{asked}"


def _safe(text: str, marker: str) -> str:
    return " ".join(harmless(redact(text).text, marker).split())

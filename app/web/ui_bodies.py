"""What `useChat` of the AI SDK sends. Pages add fields of their own, which are passed over."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.web.bodies import Line, Plain


class UiPart(BaseModel):
    """A part of a message of the AI SDK; only its text is read."""

    model_config = ConfigDict(extra="ignore")

    type: Line
    text: Plain = ""


class UiMessageBody(BaseModel):
    """One message of a chat, as the AI SDK sends it."""

    model_config = ConfigDict(extra="ignore")

    id: Annotated[Plain, Field(max_length=100)] | None = None
    role: Literal["system", "user", "assistant"]
    parts: Annotated[list[UiPart], Field(max_length=1000)] = []

    @property
    def text(self) -> str:
        """What was written."""
        return "\n".join(part.text for part in self.parts if part.type == "text")


class UiChat(BaseModel):
    """A request of `useChat`; what a page adds for itself is passed over."""

    model_config = ConfigDict(extra="ignore")

    messages: Annotated[list[UiMessageBody], Field(min_length=1, max_length=500)]
    trigger: Line = "submit-message"

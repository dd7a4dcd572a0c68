"""Text to vectors: one Protocol, and whatever the settings put behind it."""

from app.knowledge.embedding.locate import open_embedder

__all__ = ["open_embedder"]

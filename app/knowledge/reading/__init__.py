"""A model that looks at a question and a passage together: one Protocol, and whatever the settings put behind it."""

from app.knowledge.reading.locate import open_ours, open_reader

__all__ = ["open_ours", "open_reader"]

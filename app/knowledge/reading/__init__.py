"""A model that looks at a question and a passage together: one Protocol, and whatever the settings put behind it."""

from app.knowledge.reading.locate import Readers, open_ours, open_reader, open_readers

__all__ = ["Readers", "open_ours", "open_reader", "open_readers"]

"""Answers without a provider."""

from app.llm.extractive.model import ExtractiveModel, Remembered

__all__ = ["ExtractiveModel", "Remembered"]

"""Whom we told something that no longer holds, and what to tell them now."""

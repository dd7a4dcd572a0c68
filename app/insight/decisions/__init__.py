"""Decisions as people look into them: which there were, and all that one of them was made from."""

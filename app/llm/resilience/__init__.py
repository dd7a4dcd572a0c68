"""What keeps models answering when providers do not."""

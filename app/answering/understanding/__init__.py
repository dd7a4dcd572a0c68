"""What a message asks: its questions told apart, each completed by what was said before, and searched."""

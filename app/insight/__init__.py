"""What we learn from what happened."""

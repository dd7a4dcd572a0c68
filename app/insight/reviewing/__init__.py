"""What a snapshot would change in answers, seen before it is published."""

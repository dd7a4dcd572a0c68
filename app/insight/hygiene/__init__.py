"""Looks after what is published: what is said twice, what contradicts itself, what is old, unread or leads nowhere."""

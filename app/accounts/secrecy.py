"""Secrets: made at random, kept as digests, compared in constant time."""

import hashlib
import hmac
import secrets

SECRET_BYTES = 32
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200


def new_secret() -> str:
    """256 random bits, safe in a URL."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> str:
    """What is stored of a random secret. It has too much entropy to be guessed, so a slow hash would add nothing."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def same(secret: str, stored: str) -> bool:
    """Whether a secret is the one whose digest was stored, in a time that tells nothing."""
    return hmac.compare_digest(digest(secret), stored)

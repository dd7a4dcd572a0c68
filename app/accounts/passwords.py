"""Passwords: argon2id, in a thread, since one hash takes tens of milliseconds."""

import asyncio
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.secrecy import LONGEST_PASSWORD, SHORTEST_PASSWORD, new_secret
from app.errors import Invalid


@dataclass(frozen=True, slots=True)
class Passwords:
    """Hashes and checks passwords with argon2-cffi's defaults (RFC 9106, low-memory profile)."""

    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    nobody: list[str] = field(default_factory=list)

    async def hash(self, password: str) -> str:
        """What is stored. Raises `Invalid` when the password is too short or too long."""
        refuse_weak(password)
        return await asyncio.to_thread(self.hasher.hash, password)

    async def fits(self, password: str, stored: str | None) -> bool:
        """Whether it is the right one. Without a stored hash it takes as long, so nobody learns who exists."""
        return await asyncio.to_thread(self._fits, password, stored)

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with weaker parameters than today's."""
        return self.hasher.check_needs_rehash(stored)

    def _fits(self, password: str, stored: str | None) -> bool:
        try:
            self.hasher.verify(stored or self._hash_of_nobody(), password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def _hash_of_nobody(self) -> str:
        if not self.nobody:
            self.nobody.append(self.hasher.hash(new_secret()))
        return self.nobody[0]


def refuse_weak(password: str) -> None:
    """Raise `Invalid` with the limit named."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(f"A password needs at least {SHORTEST_PASSWORD} characters.")
    if len(password) > LONGEST_PASSWORD:
        raise Invalid(f"A password may have at most {LONGEST_PASSWORD} characters.")

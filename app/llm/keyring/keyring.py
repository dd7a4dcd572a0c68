"""The keys of providers as they stand now. An admin may change them while calls run."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.errors import Conflict, Invalid, NotFound
from app.llm.keyring.sealing import Seals
from app.llm.keyring.store import KeyStore, StoredKey

ENDING = 4  # characters that are told of a key
LONG_ENOUGH = 20  # characters from which on the ending gives nothing away
UNREADABLE = (
    "The stored key was encrypted under another ANSWERDESK_SECRET_KEY and cannot be read. Set the key again, or put "
    "the earlier secret into ANSWERDESK_FORMER_SECRET_KEYS and restart Answerdesk."
)


@dataclass(slots=True, eq=False)
class Keyring(Mapping[str, str]):
    """The environment, with the stored keys laid over it: whoever looks a key up finds the one that counts.

    A stored key wins over the environment's of the same name, unless it cannot be read. Nothing here writes a key out.
    """

    environment: Mapping[str, str] = field(repr=False)
    store: KeyStore
    seals: Seals = field(default_factory=Seals)
    stored: dict[str, StoredKey] = field(default_factory=dict, init=False)
    _read: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    def __getitem__(self, name: str) -> str:
        return self._read[name] if name in self._read else self.environment[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self.environment, **self._read})

    def __len__(self) -> int:
        return len({**self.environment, **self._read})

    async def look(self) -> set[str]:
        """Take up what was set or removed, here or by another process; the names of what changed."""
        async with self._turn:
            found = await self.store.all()
            names = found.keys() | self.stored.keys()
            changed = {name for name in names if found.get(name) != self.stored.get(name)}
            if changed:
                self.stored = found
                self._read = {name: text for name in found if (text := self._text(name)) is not None}
            return changed

    async def put(self, name: str, key: str, by: str) -> None:
        """Store a key in place of the one before. Raises `Conflict` while nothing can be sealed, and `Invalid`."""
        if trouble := self.seals.trouble:
            raise Conflict(trouble)
        text = plain_key(key)
        ending = text[-ENDING:] if len(text) >= LONG_ENOUGH else ""
        await self.store.keep(name, self.seals.seal(self._place(name), text), ending, by)

    async def remove(self, name: str, by: str) -> None:
        """Forget a stored key; the environment's counts again. Raises `NotFound`."""
        found = (await self.store.all()).get(name)
        if not found or not found.sealed:
            raise NotFound(f"No key is stored for {name}.")
        await self.store.keep(name, None, "", by)

    async def renew(self) -> None:
        """Seal under the present secret what was sealed under a former one."""
        for name, stored in self.stored.items():
            fresh = self.seals.renewed(self._place(name), stored.sealed) if stored.sealed else None
            if stored.sealed and fresh:
                await self.store.renew(name, stored.sealed, fresh)

    @property
    def unreadable(self) -> list[str]:
        """The names of stored keys that none of the secrets opens."""
        return sorted(name for name, one in self.stored.items() if one.sealed and name not in self._read)

    def told(self, name: str) -> dict[str, Any]:
        """Where the key in use comes from, and what may be told of the stored one: never the key."""
        stored, given = self.stored.get(name), bool(self.environment.get(name))
        source = "console" if name in self._read else "environment" if given else None
        known = None
        if stored and stored.sealed:
            readable = name in self._read
            known = {
                "ending": stored.ending,
                "set_by": stored.changed_by,
                "set_at": stored.changed_at.isoformat(),
                "readable": readable,
                "trouble": None if readable else UNREADABLE,
            }
        return {"name": name, "from": source, "present": source is not None, "environment": given, "stored": known}

    def _text(self, name: str) -> str | None:
        sealed = self.stored[name].sealed
        return self.seals.read(self._place(name), sealed) if sealed else None

    def _place(self, name: str) -> str:
        return f"{self.store.workspace_id}\n{name}"


async def open_keyring(environment: Mapping[str, str], store: KeyStore, seals: Seals) -> Keyring:
    """The keys as they were left, all under the present secret."""
    keyring = Keyring(environment, store, seals)
    await keyring.look()
    await keyring.renew()
    return keyring


def plain_key(key: str) -> str:
    """The key as it is sent, without the blanks that copying leaves around it. Raises `Invalid`, never naming it."""
    text = key.strip()
    if not re.fullmatch(r"[!-~]+", text):
        raise Invalid("This is no key: keys have letters, digits and signs without blanks. Copy it again.")
    return text

"""API keys: `ak_live_<id>_<secret>`. The prefix lets secret scanners find a leaked one."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from app.accounts.audit import record
from app.accounts.people import normal_name
from app.accounts.secrecy import digest, new_secret, same
from app.accounts.tables import KeyRow, PersonRow
from app.accounts.types import DEFAULT_SCOPES, Actor, Key, Scope
from app.database import Database, now
from app.errors import NotFound, Unauthorised

PREFIX = "ak_live_"
ID_BYTES = 6
USED_EVERY_S = 60.0
UNKNOWN = "This API key is unknown, revoked or expired."


@dataclass(frozen=True, slots=True)
class Keys:
    """The only place that makes, recognises and revokes API keys."""

    database: Database

    async def add(  # what a key is
        self,
        workspace_id: str,
        name: str,
        actor: Actor,
        scopes: Iterable[Scope] = DEFAULT_SCOPES,
        expires_at: datetime | None = None,
    ) -> tuple[Key, str]:
        """A new key and its text, which is shown this once. A person's key dies when the person is shut out."""
        public, secret = secrets.token_hex(ID_BYTES), new_secret()
        fields = KeyRow(
            id=public,
            workspace_id=workspace_id,
            person_id=actor.person_id,
            name=normal_name(name),
            secret_hash=digest(secret),
            scopes=sorted(set(scopes)),
            expires_at=expires_at,
        ).model_dump()
        key = await self.database.write(lambda session: _add(session, fields, actor))
        return key, f"{PREFIX}{public}_{secret}"

    async def all(self, workspace_id: str) -> list[Key]:
        """Every key, newest first."""
        return await self.database.read(lambda session: _all(session, workspace_id))

    async def find(self, text: str) -> Key:
        """The key with this text. Raises `Unauthorised`, without saying what is wrong with it."""
        public, _, secret = text.removeprefix(PREFIX).partition("_")
        if not text.startswith(PREFIX) or not secret:
            raise Unauthorised(UNKNOWN)
        key = await self.database.read(lambda session: _find(session, public, secret))
        if key.used_at is None or (now() - key.used_at).total_seconds() > USED_EVERY_S:
            await self.database.write(lambda session: _used(session, public))
        return key

    async def revoke(self, workspace_id: str, key_id: str, actor: Actor) -> None:
        """Make a key useless, at once and for good."""
        await self.database.write(lambda session: _revoke(session, workspace_id, key_id, actor))


def _add(session: Session, fields: dict[str, Any], actor: Actor) -> Key:
    session.execute(insert(KeyRow).values(fields))
    key = _key(KeyRow(**fields))
    shown = {"name": key.name, "scopes": sorted(key.scopes)}
    record(session, key.workspace_id, actor, "key.added", f"key:{key.id}", after=shown)
    return key


def _all(session: Session, workspace_id: str) -> list[Key]:
    mine = select(KeyRow).where(col(KeyRow.workspace_id) == workspace_id)
    return [_key(row) for row in session.execute(mine.order_by(col(KeyRow.created_at).desc())).scalars()]


def _find(session: Session, public: str, secret: str) -> Key:
    made_by = select(col(PersonRow.disabled_at)).where(col(PersonRow.id) == col(KeyRow.person_id)).scalar_subquery()
    found = session.execute(select(KeyRow, made_by).where(col(KeyRow.id) == public)).one_or_none()
    if found is None or not same(secret, found[0].secret_hash):
        raise Unauthorised(UNKNOWN)
    row, maker_disabled_at = found
    if maker_disabled_at or row.revoked_at or (row.expires_at and row.expires_at < now()):
        raise Unauthorised(UNKNOWN)
    return _key(row)


def _used(session: Session, key_id: str) -> None:
    session.execute(update(KeyRow).where(col(KeyRow.id) == key_id).values(used_at=now()))


def _revoke(session: Session, workspace_id: str, key_id: str, actor: Actor) -> None:
    row = session.get(KeyRow, key_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound("There is no such key.")
    if row.revoked_at is None:
        row.revoked_at = now()
        session.add(row)
        session.flush()
        record(session, workspace_id, actor, "key.revoked", f"key:{key_id}", before={"name": row.name})


def _key(row: KeyRow) -> Key:
    return Key(
        row.id,
        row.workspace_id,
        row.name,
        frozenset(Scope(scope) for scope in row.scopes),
        row.created_at,
        row.expires_at,
        row.used_at,
        row.revoked_at,
        row.person_id,
    )

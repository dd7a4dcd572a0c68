"""What admins change is followed by every process without a restart."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

LOOK_EVERY_S = 5.0
log = structlog.get_logger()


async def follow(*looks: Callable[[], Awaitable[None]]) -> None:
    """Look again and again: another process may have changed what stands."""
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        for look in looks:
            try:
                await look()
            except (SQLAlchemyError, OSError) as error:
                log.warning("choices.unread", why=type(error).__name__)

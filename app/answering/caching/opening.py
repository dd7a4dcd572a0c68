"""The cache as it was chosen."""

from app.answering.caching.cache import AnswerCache, Cache, NoCache
from app.answering.caching.memory import CacheMemory
from app.answering.caching.store import CacheStore
from app.database import Database


def open_cache(database: Database, similarity: float | None, recheck_share: float, *, enabled: bool) -> Cache:
    """Without a similarity only the same words are the same question."""
    return AnswerCache(CacheMemory(CacheStore(database)), similarity, recheck_share) if enabled else NoCache()

"""Which engine keeps the vectors, as the settings choose it."""

from pathlib import Path

from app.knowledge.types import VectorEngine


def open_engine(folder: Path, chroma_url: str | None, pgvector_url: str | None, mark: str = "") -> VectorEngine:
    """Pgvector when it has an address, else a Chroma server, else Chroma in this folder.

    `mark` tells our indexes from those of others on the same server; without one none there is known to be ours.
    """
    if pgvector_url:
        from app.knowledge.pgvector import PgVector  # noqa: PLC0415  # who does without it need not load it

        return PgVector(pgvector_url, mark)
    from app.knowledge.dense import ChromaFolder, ChromaServer  # noqa: PLC0415  # 1.3 s that --help need not pay

    return ChromaServer(chroma_url, mark) if chroma_url else ChromaFolder(folder)

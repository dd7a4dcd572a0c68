"""Ingest kb/ unless exactly this was ingested before: the quick second `make run`."""

import hashlib
import subprocess
import sys
from pathlib import Path

from app.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parent.parent
SHELF = ROOT / "kb"


def main() -> None:
    """Ask the command line to ingest, and remember what was ingested when it succeeds."""
    settings = load_settings()
    stamp, wanted = settings.data_dir / "kb.sha256", _digest(settings)
    if stamp.is_file() and stamp.read_text() == wanted and _database_is_there(settings):
        return
    print("Ingesting the help centre in kb/ …", flush=True)
    command = (Path(sys.executable).with_name("answerdesk"), "ingest", str(SHELF), "--prune")
    ingested = subprocess.run(command, check=False)
    if ingested.returncode:
        sys.exit(ingested.returncode)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)


def _digest(settings: Settings) -> str:
    """What the snapshot follows from: the articles, the embedder, and the database it goes into."""
    digest = hashlib.sha256(f"{settings.database} {settings.embed!r}".encode())
    for path in sorted(path for path in SHELF.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(SHELF)} ".encode() + path.read_bytes())
    return digest.hexdigest()


def _database_is_there(settings: Settings) -> bool:
    return bool(settings.database_url) or (settings.data_dir / "answerdesk.db").is_file()


if __name__ == "__main__":
    main()

"""`answerdesk doctor`, `backup` and `restore`: whether an installation is well, and a copy for when it is not."""

import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from app.cli_doctor import examine, sqlite_file
from app.errors import Conflict, Invalid, NotFound, Unavailable
from app.settings import Settings, load_settings

Json = Annotated[bool, typer.Option("--json", help="Machine-readable output, one object a line.")]
Archive = Annotated[Path, typer.Argument(metavar="FILE.tar.gz")]
DATABASE = "answerdesk.db"
FOLDERS = ("snapshots", "uploads")
UNFINISHED = "chroma.tmp"
BROKEN = (tarfile.TarError, zlib.error, EOFError, sqlite3.Error, OSError)


def add_to(app: typer.Typer) -> None:
    """Put these commands beside the others."""
    app.command()(doctor)
    app.command()(backup)
    app.command()(restore)


def doctor(as_json: Json = False) -> None:
    """Look at every part of the installation, and say what to mend. Exit code 1 when something is wrong."""
    findings = []
    for finding in examine():
        findings.append(finding)
        typer.echo(json.dumps(asdict(finding), ensure_ascii=False) if as_json else finding.line)
    wrong = sum(not finding.ok for finding in findings)
    if wrong and not as_json:
        raise Unavailable(f"{wrong} of {len(findings)} checks need attention.")
    if wrong:
        raise typer.Exit(1)


def backup(file: Archive) -> None:
    """Copy the SQLite database, the snapshots and the uploads into one new file, also while the server runs."""
    settings = load_settings()
    database = _database(settings, "pg_dump")
    if not database.is_file():
        raise NotFound(f"There is no database at {database}, so there is nothing to back up.")
    if file.exists():
        raise Conflict(f"{file} is there already. Name a file that is not there yet.")
    if not file.parent.is_dir():
        raise NotFound(f"There is no folder {file.parent}. Create it first.")
    with _told(f"The backup could not be written to {file}"):
        _write(file, database, settings.data_dir)
    typer.echo(f"{file} holds the database, the snapshots and the uploads ({file.stat().st_size / 1e6:.1f} MB).")


def restore(file: Archive) -> None:
    """Put a backup into an empty data folder. Run it while no server runs."""
    settings = load_settings()
    database = _database(settings, "pg_restore")
    folder = settings.data_dir
    if not file.is_file():
        raise NotFound(f"There is no file {file}.")
    if database.exists() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise Conflict(f"A backup is restored into an empty data folder only. Move {folder} aside first.")
    with _told(f"{file} could not be restored"):
        _restore(file, folder, database)
    typer.echo(f"{folder} holds what was backed up. Start Answerdesk with `answerdesk serve`.")


def _database(settings: Settings, tool: str) -> Path:
    path = sqlite_file(settings)
    if path is None:
        raise Invalid(f"The database is on PostgreSQL. Use its own tool for this: {tool}.")
    return path


def _write(file: Path, database: Path, data_dir: Path) -> None:
    """Write aside and rename, so that a file of this name is a whole backup."""
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as aside:
        copy, archive = Path(aside) / DATABASE, Path(aside) / "archive"
        _copy(database, copy)
        with archive.open("xb") as written:
            archive.chmod(0o600)  # it holds what customers wrote
            with tarfile.open(fileobj=written, mode="w:gz") as tar:
                tar.add(copy, DATABASE)
                for path in _files(data_dir):
                    _add(tar, path, str(path.relative_to(data_dir)))
            written.flush()
            os.fsync(written.fileno())
        archive.rename(file)


def _copy(database: Path, copy: Path) -> None:
    """One consistent state of the database, whatever is written meanwhile."""
    source = f"{database.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(source, uri=True)) as live, closing(sqlite3.connect(copy)) as made:
        live.backup(made)
    shutil.copymode(database, copy)


def _files(data_dir: Path) -> Iterator[Path]:
    for name in FOLDERS:
        for path in sorted((data_dir / name).rglob("*")):
            if path.is_file() and not path.is_symlink() and UNFINISHED not in path.parts:
                yield path


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    """A running server may drop an old snapshot at this moment. Its indexes can be made again from the database."""
    try:
        tar.add(path, name)
    except FileNotFoundError:
        return


def _restore(file: Path, folder: Path, database: Path) -> None:
    """Unpack aside within the folder, and move everything into its place once it proved whole, the database last."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".restoring-") as aside:
        place = Path(aside)
        _unpack(file, place)
        _check(file, place / DATABASE)
        for name in FOLDERS:
            if (place / name).is_dir():
                (place / name).chmod(0o700)
                (place / name).rename(folder / name)
        database.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(place / DATABASE, database)


def _unpack(file: Path, place: Path) -> None:
    with tarfile.open(file, "r:gz") as tar:
        for member in tar.getmembers():
            first = PurePosixPath(member.name).parts[:1]
            if not (member.isfile() or member.isdir()) or first not in {(name,) for name in (DATABASE, *FOLDERS)}:
                raise Invalid(f"{file} is no backup of Answerdesk: it holds {member.name!r}.")
        tar.extractall(place, filter="data")


def _check(file: Path, database: Path) -> None:
    if not database.is_file():
        raise Invalid(f"{file} is no backup of Answerdesk: it holds no database.")
    with closing(sqlite3.connect(database)) as copy:
        if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise Invalid(f"The database in {file} is damaged.")


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Trouble with files becomes one sentence."""
    try:
        yield
    except BROKEN as error:
        raise Unavailable(f"{what}: {error}") from error

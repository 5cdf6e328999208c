"""State folders as compressed archives with reproducible bytes."""

import gzip
import io
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path


def pack(folder: Path, target: Path) -> None:
    """Write the files of `folder` into a `.tar.gz`; locks, caches and links are left out."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(each for each in folder.rglob("*") if each.is_file() and not each.is_symlink()):
            if path.suffix in {".lock", ".db-shm"} or path.name.endswith("-shm"):
                continue
            entry = tarfile.TarInfo(str(path.relative_to(folder)))
            entry.size = path.stat().st_size
            with path.open("rb") as content:
                archive.addfile(entry, content)
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(gzip.compress(packed.getvalue(), compresslevel=9, mtime=0))


def unpack(source: Path, folder: Path) -> Path:
    """Extract an archive into a new folder and return that."""
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data")
    return folder


def vacuum(folder: Path) -> None:
    """Remove free pages from every SQLite file below `folder`."""
    for path in folder.rglob("*.db"):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

"""Backup of the whole state folder, while other processes write."""

import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .. import __version__
from ..domain.errors import ConfigError, StoreLocked
from ..memory.journal.writer_lock import WriterLock
from ..storage.private_file import create_private, make_private_folder
from ..storage.sqlite_copy import copy_database, is_database
from .backup_manifest import MANIFEST, SCHEMA_NAME, BackupEntry, BackupManifest
from .effective_settings import effective_settings
from .settings import Settings
from .state_folder import SIDE_FILES, kind_of, ledger_file, secret_files

SETTINGS = "settings.json"
MEMORY = "memory"
INDEX = "chroma"
LOCK_SUFFIX = ".lock"
TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz")
FIRST = ("sessions.db", "book.db")
"""Files that are copied first, in this order, because they refer to the others: what they refer to was stored before
them, so it is in the copies that follow."""

CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BackupResult:
    """A finished backup: where it is, number of files, their size in bytes, and sentences on what it leaves out."""

    target: Path
    files: int
    bytes: int
    left_out: tuple[str, ...]


def back_up(settings: Settings, target: Path, now: datetime, *, lock_patience_s: float = 10.0) -> BackupResult:
    """Write a backup of the state folder to the new folder `target`, or to a tar archive by its suffix.

    Every SQLite file is a copy of one commit; files are complete only after `target` appears under its name. The memory
    is copied under its writer lock. If that is held for longer than `lock_patience_s`, the index of the memory is left
    out; it is built again from the journal. Caches, locks, links, key files and the settings file are left out.
    Raises ConfigError if `target` exists, is in the state folder or cannot be written, and StoreLocked.
    """
    _check_target(settings, target)
    partial = target.with_name(f"{target.name}.partial")
    packed = target.with_name(f"{target.name}.packing")
    shutil.rmtree(partial, ignore_errors=True)
    packed.unlink(missing_ok=True)
    try:
        partial.mkdir(mode=0o700)
        manifest = _copy_all(settings, partial, now, lock_patience_s)
        if target.name.endswith(TAR_SUFFIXES):
            _pack(partial, packed, manifest, compress=target.suffix != ".tar")
            packed.rename(target)
        else:
            partial.rename(target)
    except OSError as error:
        raise ConfigError(f"{target} cannot be written: {error.strerror or error}; nothing was kept") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        packed.unlink(missing_ok=True)
    return BackupResult(target, len(manifest.files), sum(each.size for each in manifest.files), manifest.left_out)


def _check_target(settings: Settings, target: Path) -> None:
    if not settings.home.is_dir():
        raise ConfigError(f"there is no state folder {settings.home}; set OPENOUTCRY_HOME")
    if target.exists() or target.is_symlink():
        raise ConfigError(f"{target} already exists; choose another name for the backup")
    if not target.absolute().parent.is_dir():
        raise ConfigError(f"there is no folder {target.absolute().parent}; create it or choose another place")
    if target.absolute().parent.resolve().is_relative_to(settings.home.resolve()):
        raise ConfigError(f"{target} is in the state folder; choose a place outside {settings.home}")


def _copy_all(settings: Settings, to: Path, now: datetime, patience_s: float) -> BackupManifest:
    left_out = list(_elsewhere(settings))
    entries = [_copied(settings.home / name, to, name) for name in _outside_memory(settings, left_out)]
    entries += _memory_files(settings.home, to, patience_s, left_out)
    shown = {line.setting: {"value": line.value, "from": line.origin} for line in effective_settings({})}
    text = json.dumps(shown, indent=1, default=str).encode()
    _write_private(to / SETTINGS, text)
    entries.append(BackupEntry(path=SETTINGS, size=len(text), sha256=hashlib.sha256(text).hexdigest()))
    files = tuple(sorted((each for each in entries if each is not None), key=lambda each: each.path))
    manifest = BackupManifest(
        schema_name=SCHEMA_NAME, version=__version__, created_at=now, files=files, left_out=tuple(left_out)
    )
    _write_private(to / MANIFEST, manifest.model_dump_json(by_alias=True, indent=1).encode())
    return manifest


def _outside_memory(settings: Settings, left_out: list[str]) -> list[str]:
    """Return the files outside the memory in the order of copying; links are added to `left_out`."""
    secret = {path.resolve() for path in secret_files(settings)}
    names = [name for name in _walk(settings.home, left_out, without=MEMORY) if name != SETTINGS]
    outside = [name for name in names if (settings.home / name).resolve() not in secret]
    return sorted(outside, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))


def _memory_files(home: Path, to: Path, patience_s: float, left_out: list[str]) -> list[BackupEntry | None]:
    """Copy the memory under its writer lock, or without the index while another process holds the lock."""
    if not (home / MEMORY).is_dir():
        return []
    names = [f"{MEMORY}/{name}" for name in _walk(home / MEMORY, left_out)]
    writable = os.access(home / MEMORY, os.W_OK)
    try:
        with WriterLock(home / MEMORY / "writer.lock", patience_s).during() if writable else nullcontext():
            return [_copied(home / name, to, name) for name in names]
    except StoreLocked:
        if any(name.startswith(f"{MEMORY}/{INDEX}/") for name in names):
            left_out.append("the index of the memory, because another process was writing; it is built again")
        return [_copied(home / name, to, name) for name in names if not name.startswith(f"{MEMORY}/{INDEX}/")]


def _walk(folder: Path, left_out: list[str], *, without: str = "") -> Iterator[str]:
    """Yield the files to copy, relative to `folder`, without the folder `without` in it."""
    for place, folders, files in os.walk(folder):
        here = Path(place).relative_to(folder)
        folders[:] = [name for name in folders if here / name != Path(without)]
        for name in [each for each in folders if (Path(place) / each).is_symlink()]:
            left_out.append(f"the link {here / name}")
        folders[:] = sorted(name for name in folders if not (Path(place) / name).is_symlink() and _kept(here / name))
        for name in sorted(files):
            if (Path(place) / name).is_symlink():
                left_out.append(f"the link {here / name}")
            elif _kept(here / name) and (Path(place) / name).is_file():
                yield (here / name).as_posix()


def _kept(path: Path) -> bool:
    """Return whether a file or folder is part of a backup: no cache, lock, hidden file or side file of SQLite."""
    top = len(path.parts) == 1
    if top and (kind_of(path.name) == "cache" or path.name == "leases"):
        return False
    return not path.name.startswith(".") and not path.name.endswith((LOCK_SUFFIX, *SIDE_FILES))


def _copied(source: Path, to: Path, name: str) -> BackupEntry | None:
    """Copy one file; None if it was removed meanwhile."""
    target = to / name
    make_private_folder(target.parent, to)
    with suppress(FileNotFoundError):
        if is_database(source):
            create_private(target).close()
            copy_database(source, target)
            return _entry(target, name)
        with source.open("rb") as reader, create_private(target) as writer:
            shutil.copyfileobj(reader, writer, CHUNK)
        return _entry(target, name)
    target.unlink(missing_ok=True)
    return None


def _entry(path: Path, name: str) -> BackupEntry:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return BackupEntry(path=name, size=path.stat().st_size, sha256=digest)


def _write_private(path: Path, content: bytes) -> None:
    with create_private(path) as file:
        file.write(content)


def _pack(folder: Path, target: Path, manifest: BackupManifest, *, compress: bool) -> None:
    """Write a tar archive with the manifest first."""
    with create_private(target) as file, tarfile.open(fileobj=file, mode="w:gz" if compress else "w") as archive:
        for name in (MANIFEST, *(each.path for each in manifest.files)):
            archive.add(folder / name, arcname=name, recursive=False, filter=_without_owner)


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _elsewhere(settings: Settings) -> Iterator[str]:
    """Yield a sentence for each database that is not in the state folder."""
    file = ledger_file(settings)
    if file is None:
        yield "the ledger is a PostgreSQL database; back it up with pg_dump, or with `openoutcry ledger backup FILE`"
    elif not file.resolve().is_relative_to(settings.home.resolve()):
        yield f"the ledger {file} is outside the state folder; back it up with `openoutcry ledger backup FILE`"
    archive = settings.live.archive
    if archive is not None and not archive.resolve().is_relative_to(settings.home.resolve()):
        yield f"the archive {archive} is outside the state folder; copy it while no command uses it"

"""Restore of a state folder from a backup, which is verified completely before anything is replaced."""

import hashlib
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from ..domain.errors import ConfigError, StoreLocked
from ..storage.private_file import create_private, make_private_folder
from .backup_manifest import MANIFEST, MAX_BYTES, BackupEntry, BackupManifest, read_manifest
from .settings import Settings, home
from .state_folder import kind_of, secret_files
from .state_use import held_locks, living_schedulers

STAGING = ".restoring"
REPLACED = ".replaced-"
CHUNK = 1024 * 1024

OpenFile = Callable[[str], IO[bytes]]


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """A finished restore: the state folder, the manifest, and where the files that it replaced are; None for none."""

    home: Path
    manifest: BackupManifest
    replaced: Path | None


def restore(settings: Settings, source: Path, now: datetime, *, force: bool) -> RestoreResult:
    """Restore the state folder from the backup `source`, a folder or a tar archive.

    Every file is read into the state folder under another name and compared with the manifest by size and SHA-256;
    only then are the files put in place. Files that were there are moved to a hidden folder; caches, the settings file
    and key files stay. Links and paths that lead out of the backup are refused. Files get mode 0600 and folders 0700.
    Raises StoreLocked while another process holds a lock in the state folder, `force` or not, and ConfigError, with
    nothing replaced, for a state folder that is not empty without `force`, and for a backup that is incomplete or
    altered.
    """
    folder = home(settings)
    staging = folder / STAGING
    _check_unused(settings, now, force=force)
    if (old := _replaceable(settings, folder)) and not force:
        raise ConfigError(f"{folder} is not empty; add --force to replace its content, or set OPENOUTCRY_HOME")
    try:
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700)
        with _opened(source) as open_file:
            manifest = _manifest(open_file, source)
            for entry in manifest.files:
                _extract(open_file, entry, staging, source)
        replaced = _put_in_place(old, folder, staging, now)
    except OSError as error:
        raise ConfigError(f"{source} cannot be restored to {folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return RestoreResult(folder, manifest, replaced)


def _check_unused(settings: Settings, now: datetime, *, force: bool) -> None:
    """Raise StoreLocked while the folder is in use; with `force`, a heartbeat without a lock is ignored."""
    found = list(held_locks(settings))
    if found:
        raise StoreLocked(
            f"{settings.home} is in use: {'; '.join(found)}. Stop `paper serve` and other commands, then repeat the "
            "command; --force does not change that"
        )
    if (living := list(living_schedulers(settings, now))) and not force:
        raise StoreLocked(
            f"{settings.home} may be in use: {'; '.join(living)}. Stop it, wherever it runs; if it has ended without a "
            "last heartbeat, add --force"
        )


@contextmanager
def _opened(source: Path) -> Iterator[OpenFile]:
    """Yield a function that opens a file of the backup by its path; it raises KeyError for a missing one."""
    if source.is_dir():
        root = source.resolve()
        yield lambda name: _open_in_folder(root, name)
        return
    if not source.is_file():
        raise ConfigError(f"there is no backup {source}")
    try:
        with tarfile.open(source) as archive:
            yield lambda name: _open_in_archive(archive, name)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise ConfigError(f"{source} is not a complete tar archive: {error}; use another backup") from error


def _open_in_folder(root: Path, name: str) -> IO[bytes]:
    path = root / name
    if not path.exists():
        raise KeyError(name)
    if path.is_symlink() or path.resolve() != path or not path.is_file():
        raise ConfigError(f"{path} is a link or not a file; use a backup that was not changed")
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")


def _open_in_archive(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    member = archive.getmember(name)
    file = archive.extractfile(member) if member.isreg() else None
    if file is None:
        raise ConfigError(f"{name} is a link or not a file in the backup; use a backup that was not changed")
    return file


def _manifest(open_file: OpenFile, source: Path) -> BackupManifest:
    try:
        with open_file(MANIFEST) as file:
            text = file.read(MAX_BYTES + 1)
    except KeyError as error:
        raise ConfigError(f"{source} has no {MANIFEST}, so it is no backup of a state folder") from error
    if len(text) > MAX_BYTES:
        raise ConfigError(f"the {MANIFEST} of {source} is too large; use another backup")
    return read_manifest(text, str(source))


def _extract(open_file: OpenFile, entry: BackupEntry, staging: Path, source: Path) -> None:
    """Copy one file to the staging folder; raises ConfigError unless size and SHA-256 are those of the manifest."""
    target = staging / entry.path
    make_private_folder(target.parent, staging)
    digest, left = hashlib.sha256(), entry.size
    try:
        reader = open_file(entry.path)
    except KeyError as error:
        raise ConfigError(f"{entry.path} is missing in {source}; use another backup") from error
    with reader, create_private(target) as writer:
        while left >= 0 and (chunk := reader.read(min(CHUNK, left + 1))):
            left -= len(chunk)
            digest.update(chunk)
            writer.write(chunk)
        writer.flush()
        os.fsync(writer.fileno())
    if left != 0 or digest.hexdigest() != entry.sha256:
        raise ConfigError(f"{entry.path} in {source} differs from its {MANIFEST}; use another backup")


def _put_in_place(replaceable: Sequence[Path], folder: Path, staging: Path, now: datetime) -> Path | None:
    """Move the old files away and the restored ones in place, or none of them; return where the old ones are."""
    replaced = folder / f"{REPLACED}{now:%Y%m%dT%H%M%S}" if replaceable else None
    moves = [(path, folder / path.name) for path in sorted(staging.iterdir())]
    if replaced is not None:
        replaced.mkdir(mode=0o700)
        moves = [*((path, replaced / path.name) for path in replaceable), *moves]
    done: list[tuple[Path, Path]] = []
    try:
        for move in moves:
            move[0].rename(move[1])
            done.append(move)
    except OSError:
        for source, target in reversed(done):
            target.rename(source)
        if replaced is not None:
            replaced.rmdir()
        raise
    return replaced


def _replaceable(settings: Settings, folder: Path) -> list[Path]:
    """Return what a restore replaces: all but caches, hidden files, the settings file and key files."""
    kept = {path.absolute() for path in secret_files(settings)}
    found = [path for path in folder.iterdir() if not path.name.startswith(".") and kind_of(path.name) != "cache"]
    return sorted(path for path in found if path.absolute() not in kept)

"""Writing of a file that the user names: reports, exports and settings."""

import os
from collections.abc import Callable
from pathlib import Path

from ..domain.errors import ConfigError

BEGINNING = 100_000
"""Number of bytes of an existing file that show whether an earlier command wrote it."""


def check_output(path: Path, is_ours: Callable[[str], bool], *, force: bool) -> None:
    """Raise ConfigError if `path` must not be written.

    Refused are folders, files in folders that do not exist or are not writable, symbolic links that lead out of their
    folder, and, without `force`, existing files of other programs: those whose beginning `is_ours` does not accept.
    """
    folder = path.absolute().parent
    if not folder.is_dir() or path.is_dir() or not os.access(folder, os.W_OK):
        raise ConfigError(f"{path} cannot be written; name a file in a folder that you can write to")
    if path.is_symlink() and path.resolve().parent != folder.resolve() and not _is_stream(path):
        raise ConfigError(f"{path} is a symbolic link to {path.resolve()}; name that file, or remove the link")
    if force or not path.is_file():
        return
    try:
        with path.open("rb") as file:
            beginning = file.read(BEGINNING).decode(errors="replace")
    except OSError as error:
        raise ConfigError(f"{path} cannot be overwritten: {error.strerror}") from error
    if beginning and not is_ours(beginning):
        raise ConfigError(f"{path} exists and is not a file of this command; name another file, or add --force")


def write_output(path: Path, text: str, is_ours: Callable[[str], bool], *, force: bool) -> None:
    """Write `text` to `path`; raises ConfigError as `check_output`, and if writing fails."""
    check_output(path, is_ours, force=force)
    follow = 0 if _is_stream(path) else os.O_NOFOLLOW
    try:
        handle = os.open(path.resolve(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | follow, 0o666)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error


def _is_stream(path: Path) -> bool:
    """Return whether `path` is a device or a pipe, such as /dev/stdout."""
    return path.exists() and not path.is_file() and not path.is_dir()

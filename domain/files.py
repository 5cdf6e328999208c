"""What a database file that cannot be used asks of its owner: one sentence with cause and remedy, whoever meets it."""

from pathlib import Path

from .errors import ConfigError

REMEDIES = (
    ("full", "make room on the disk and try again; nothing was lost"),
    ("locked", "another process is writing; try again when it is done"),
    ("readonly", "check the permissions of the file and its folder"),
    ("unable to open", "check the path and its permissions"),
    ("append-only", "nothing was changed"),
    ("not a database", "move it away to start anew, or restore it from a backup"),
    ("malformed", "move it away to start anew, or restore it from a backup"),
    ("disk i/o error", "check the disk, or restore it from a backup"),
)
"""By what SQLite says."""


def unusable(what: str, path: Path, said: object) -> ConfigError:
    """Return the error that says that the file `path`, `what` for a person, cannot be used, why, and what to do."""
    words = str(said)
    remedy = next((cure for sign, cure in REMEDIES if sign in words.lower()), "see what it says, and try again")
    return ConfigError(f"{what} {path} cannot be used: {words}; {remedy}")

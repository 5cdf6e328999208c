"""The manifest of a backup: its files with size and SHA-256."""

from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ..domain.errors import ConfigError

MANIFEST = "manifest.json"
SCHEMA_NAME = "openoutcry.backup/1"
MAX_BYTES = 64 * 1024 * 1024
"""Maximum size of a manifest."""


def _inside(text: str) -> str:
    """Return a path that stays inside its folder and has no hidden part; raises ValueError for any other."""
    path = PurePosixPath(text)
    unusual = not path.parts or str(path) != text or "\\" in text or ":" in path.parts[0] or not text.isprintable()
    hidden = any(part.startswith(".") for part in path.parts)
    if unusual or hidden or path.is_absolute() or text == MANIFEST:
        raise ValueError(f"{text!r} is not a path inside the state folder")
    return text


class BackupEntry(BaseModel):
    """One file of a backup; `path` is relative to the state folder, with forward slashes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Annotated[str, AfterValidator(_inside)]
    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class BackupManifest(BaseModel):
    """The content of `manifest.json`.

    Attributes:
        version: version of the program that wrote the backup.
        left_out: sentences about what is not in the backup.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    schema_name: Annotated[Literal["openoutcry.backup/1"], Field(alias="schema")]
    version: str
    created_at: datetime
    files: tuple[BackupEntry, ...]
    left_out: tuple[str, ...] = ()


def read_manifest(text: bytes, where: str) -> BackupManifest:
    """Return a manifest; raises ConfigError if it is not valid, or names a path outside the folder or a path twice."""
    try:
        found = BackupManifest.model_validate_json(text)
    except ValidationError as error:
        defect = error.errors()[0]
        place = ".".join(map(str, defect["loc"]))
        raise ConfigError(f"{where} has no valid {MANIFEST}: {place}: {defect['msg']}; use another backup") from error
    paths = [each.path for each in found.files]
    if len(set(paths)) != len(paths):
        raise ConfigError(f"{where} has a {MANIFEST} that names a file twice; use another backup")
    return found

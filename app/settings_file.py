"""Reading of TOML files, with errors that name the file, the key and the remedy."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import BaseModel, SecretStr

from ..domain.errors import ConfigError

FILE_NAME = "openoutcry.toml"


def settings_file() -> Path:
    """Return the path of the settings file: in the working folder if it exists, else in the home folder."""
    here = Path(FILE_NAME)
    if here.is_file():
        return here
    return Path(os.environ.get("OPENOUTCRY_HOME") or platformdirs.user_data_dir("openoutcry")) / FILE_NAME


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file; raises ConfigError if it cannot be read or is not valid TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except RecursionError as error:
        raise ConfigError(f"{path} cannot be read: it is nested too deeply") from error
    except ValueError as error:  # invalid TOML, text that is not UTF-8, an integer of thousands of digits
        reason = str(error).partition("; use sys.")[0]
        raise ConfigError(f"{path} cannot be read as TOML: {reason}; correct that line") from error


def read_key_file(path: Path) -> SecretStr | None:
    """Return the secret in a file, None if the file is empty; raises ConfigError if it cannot be read."""
    try:
        key = path.read_text(encoding="utf-8").strip()
        return SecretStr(key) if key else None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the key file {path} cannot be read") from error


def read_settings_file(model: type[BaseModel]) -> dict[str, Any]:
    """Return the content of the settings file, empty if there is none; raises ConfigError for an unknown key."""
    path = settings_file()
    if not path.is_file():
        return {}
    written = read_toml(path)
    for key, known in _unknown(setting_types(model), written):
        close = get_close_matches(key.rpartition(".")[2], known, n=1)
        prefix = key[: len(key) - len(key.rpartition(".")[2])]
        hint = f"did you mean {prefix}{close[0]}?" if close else "`openoutcry config show` lists all settings"
        raise ConfigError(f"{path}: there is no setting {key!r}; {hint}")
    return written


def setting_types(table: object) -> Mapping[str, object]:
    """Return the types of the settings of a table by name; empty for the type of a single setting."""
    if isinstance(table, type) and issubclass(table, BaseModel):
        return {name: field.annotation for name, field in table.model_fields.items()}
    if isinstance(table, type) and is_dataclass(table):
        return {field.name: field.type for field in fields(table)}
    return {}


def _unknown(
    known: Mapping[str, object], written: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, list[str]]]:
    """Yield each unknown key with the known keys of its table."""
    for key, value in written.items():
        if key not in known:
            yield f"{prefix}{key}", list(known)
        elif isinstance(value, Mapping) and (table := setting_types(known[key])):
            yield from _unknown(table, value, f"{prefix}{key}.")

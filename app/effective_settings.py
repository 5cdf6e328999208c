"""The effective settings, with the origin of each: a flag, an environment variable, the settings file or a default."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ..market.vendors.catalog import CATALOGUE
from .model_connection import FALLBACK_KEY_NAME
from .settings import ENV_PREFIX, KEY_NAME, Settings, base_url, load_settings, origin_of, vendor_key_name
from .settings_file import read_settings_file, setting_types, settings_file

_CREDENTIALS = re.compile(r"(?<=//)[^/@\s]*@")
_QUERY = re.compile(r"(?<=[?&])([^=&\s]+)=[^&\s]*")
DEFAULT, ENDPOINT_NAME = "default", "OPENAI_BASE_URL"


@dataclass(frozen=True, slots=True)
class EffectiveSetting:
    """One setting: its name (`limits.max_position`), its value without secrets, and where it comes from."""

    setting: str
    value: object
    origin: str


def effective_settings(flags: Mapping[str, object]) -> Iterator[EffectiveSetting]:
    """Yield every setting and every key, with `flags` applied; keys are shown as `set` or `unset` only.

    Raises ConfigError for invalid settings.
    """
    settings, written = load_settings(flags), read_settings_file(Settings)
    for name, kind in setting_types(Settings).items():
        if flags.get(name) is not None:
            yield EffectiveSetting(name, _plain(getattr(settings, name)), origin_of(name, flags, written))
        elif name == "base_url" and settings.base_url is None and (address := base_url(settings)):
            yield EffectiveSetting(name, _plain(address), ENDPOINT_NAME)
        else:
            yield from _flattened((name,), getattr(settings, name), kind, written)
    keyed = [vendor_key_name(each.name) for each in CATALOGUE if each.needs_key]
    for variable in dict.fromkeys((KEY_NAME, FALLBACK_KEY_NAME, *keyed)):
        present = bool(os.environ.get(variable, "").strip())
        yield EffectiveSetting(variable, "set" if present else "unset", variable if present else DEFAULT)


def unknown_variables() -> tuple[str, ...]:
    """Return the environment variables OPENOUTCRY_* that name no setting; they have no effect."""
    names = {name.upper() for name in Settings.model_fields}
    given = (variable for variable in os.environ if variable.upper().startswith(ENV_PREFIX))
    return tuple(sorted(each for each in given if each.upper().removeprefix(ENV_PREFIX).split("__")[0] not in names))


def _flattened(
    path: tuple[str, ...], value: object, kind: object, written: Mapping[str, Any]
) -> Iterator[EffectiveSetting]:
    table = setting_types(kind)
    if not table:
        yield EffectiveSetting(".".join(path), _plain(value), _origin(path, written))
    for name, inner in table.items():
        yield from _flattened((*path, name), getattr(value, name), inner, written)


def _origin(path: tuple[str, ...], written: Mapping[str, Any]) -> str:
    """Return the origin of a setting, which can be a value within a table."""
    variable = ENV_PREFIX + "__".join(path).upper()
    names = {each.upper(): each for each in os.environ}
    below = [name for name in sorted(names) if name == variable or name.startswith(f"{variable}__")]
    if below:
        return names[below[0]]
    if len(path) > 1 and (whole := names.get(ENV_PREFIX + path[0].upper())) and path[1] in _json(os.environ[whole]):
        return whole
    if len(path) == 1:
        return origin_of(path[0], {}, written)
    table = written.get(path[0])
    return str(settings_file()) if isinstance(table, Mapping) and path[1] in table else DEFAULT


def _json(text: str) -> Mapping[str, Any]:
    value = json.loads(text)  # valid: the settings were loaded from it
    return value if isinstance(value, Mapping) else {}


def _plain(value: object) -> object:
    """Return a value for output: addresses without credentials, collections as JSON values."""
    if isinstance(value, BaseModel):  # a table of a list; its secrets are dumped as asterisks
        return _plain({name: each for name, each in value.model_dump(mode="json").items() if each is not None})
    if isinstance(value, str | Path):
        return _QUERY.sub(r"\1=***", _CREDENTIALS.sub("***@", str(value)))
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="json"))
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return sorted(map(str, value)) if isinstance(value, frozenset) else value

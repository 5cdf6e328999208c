"""The manifest of a market folder, `market.json`. Snapshots contain it; it is optional in other folders."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ...domain.errors import ConfigError
from ..symbology import normalize_ticker
from .layout import DatasetKind

MANIFEST = "market.json"
SCHEMA = "openoutcry.market/1"


@dataclass(frozen=True, slots=True)
class Outage:
    """A failed fetch of the rows of `kind` for `key`.

    Attributes:
        text: the requested data, and the reason of each vendor.
        held: whether older rows exist, so that the data is outdated rather than missing.
    """

    kind: DatasetKind
    key: str
    text: str
    held: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """Metadata of a market folder.

    Attributes:
        name: label for evidence from rows without a vendor.
        calendars: exchange calendar by ticker, if it is not XNYS.
        outages: fetches that failed when the rows were collected.
    """

    schema: str = SCHEMA
    name: str = "folder"
    calendars: Mapping[str, str] = field(default_factory=dict)
    outages: tuple[Outage, ...] = ()

    def text(self) -> str:
        """Return the manifest as JSON text."""
        return json.dumps(_MANIFEST.dump_python(self, mode="json"), indent=2, ensure_ascii=False) + "\n"


_MANIFEST = TypeAdapter(Manifest)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of `folder`, or the default if it has none; raises ConfigError if it is invalid."""
    path = folder / MANIFEST
    if not path.exists():
        return Manifest()
    try:
        manifest = _MANIFEST.validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read ({error}); check the file and its permissions") from error
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "the file"
        raise ConfigError(f"{path}: {where}: {error.errors()[0]['msg']}; write the snapshot again") from error
    if manifest.schema != SCHEMA or not manifest.name.isidentifier():
        raise ConfigError(f"{path} is not a valid {SCHEMA}: schema {manifest.schema!r}, name {manifest.name!r}")
    return replace(manifest, calendars={normalize_ticker(key): name for key, name in manifest.calendars.items()})


def outage_warnings(outages: Sequence[Outage], symbol: str, proxies: Sequence[str]) -> tuple[str, ...]:
    """Return the distinct texts of the outages that affect `symbol` without making its data unavailable.

    These are outdated data of the symbol, outdated macro series, and missing or outdated bars of the market proxies.
    """
    texts = (
        outage.text
        for outage in outages
        if (outage.held and (outage.key == symbol or outage.kind is DatasetKind.MACRO))
        or (outage.kind is DatasetKind.PRICES_DAILY and outage.key in proxies and outage.key != symbol)
    )
    return tuple(dict.fromkeys(texts))

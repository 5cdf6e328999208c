"""What a folder says of itself: `market.json`, which a snapshot writes and a folder of one's own need not have."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ...domain.errors import ConfigError
from .layout import DatasetKind

MANIFEST = "market.json"
SCHEMA = "openoutcry.market/1"


@dataclass(frozen=True, slots=True)
class Outage:
    """That rows of `kind` about `key` were asked for in vain.

    Attributes:
        text: what was asked for, and why each vendor had no answer.
        held: whether there are older rows to answer from, so that the answer is only not up to date.
    """

    kind: DatasetKind
    key: str
    text: str
    held: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """How the rows of a folder are to be read.

    Attributes:
        name: the market that evidence is labelled with where a row names no vendor.
        calendars: the exchange calendar by ticker, where it is not the usual one.
        outages: what could not be had when the rows were collected.
    """

    schema: str = SCHEMA
    name: str = "folder"
    calendars: Mapping[str, str] = field(default_factory=dict)
    outages: tuple[Outage, ...] = ()

    def text(self) -> str:
        """Return the manifest as it is written."""
        return json.dumps(_MANIFEST.dump_python(self, mode="json"), indent=2, ensure_ascii=False) + "\n"


_MANIFEST = TypeAdapter(Manifest)


def read_manifest(folder: Path) -> Manifest:
    """Return what `folder` says of itself, the usual where it says nothing; raises ConfigError for what is wrong."""
    path = folder / MANIFEST
    if not path.exists():
        return Manifest()
    try:
        manifest = _MANIFEST.validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read ({error}); check the file and its rights") from error
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "the file"
        raise ConfigError(f"{path}: {where}: {error.errors()[0]['msg']}; write the snapshot anew") from error
    if manifest.schema != SCHEMA or not manifest.name.isidentifier():
        raise ConfigError(f"{path} is no {SCHEMA}: schema {manifest.schema!r}, name {manifest.name!r}")
    return manifest


def outage_warnings(outages: Sequence[Outage], symbol: str, proxies: Sequence[str]) -> tuple[str, ...]:
    """Return what answers about `symbol` had to do without although something was answered, each once.

    That is what is held but not up to date, for the symbol and the economy, and the bars of a stand-in for the market.
    """
    told = (
        outage.text
        for outage in outages
        if (outage.held and (outage.key == symbol or outage.kind is DatasetKind.MACRO))
        or (outage.kind is DatasetKind.PRICES_DAILY and outage.key in proxies and outage.key != symbol)
    )
    return tuple(dict.fromkeys(told))

"""The decisions of a run as rows: JSON lines, and a Parquet file with the extra `parquet`."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..domain.errors import ConfigError
from .run_folder import StoredExperiment

DECISION_SCHEMA = "openoutcry.experiment-decision/1"
INSTALL = "pip install 'openoutcry[parquet]'"
USD_DIGITS = Decimal("1e-12")
COLUMNS = (
    ("schema", "string"),
    ("arm", "string"),
    ("seed", "int64"),
    ("run_id", "string"),
    ("session", "date32"),
    ("symbol", "string"),
    ("outcome", "string"),
    ("opened", "list of string"),
    ("rejected", "int64"),
    ("clamps", "int64"),
    ("cause", "string"),
    ("reason", "string"),
    ("conviction", "float64"),
    ("summary", "string"),
    ("forward_return", "float64"),
    ("cost_usd", "decimal"),
)
"""Columns of the Parquet file with their types; a decimal has twelve digits after the point."""


def decision_rows(run: StoredExperiment) -> Iterator[dict[str, Any]]:
    """Yield one row for each decision of each finished unit, in the order of the units."""
    with run.units() as store:
        for unit in store.planned():
            record = store.find(unit.key)
            for each in record.decisions if record is not None else ():
                yield {"schema": DECISION_SCHEMA, "arm": unit.track, "seed": unit.seed} | asdict(each)


def decision_lines(run: StoredExperiment) -> Iterator[str]:
    """Yield the rows as JSON documents, one a line."""
    return (json.dumps(row, default=str, ensure_ascii=False) for row in decision_rows(run))


def parquet_installed() -> bool:
    """Return whether the extra `parquet` is installed."""
    return find_spec("pyarrow") is not None


def write_decisions(run: StoredExperiment, path: Path) -> int:
    """Write the rows to a Parquet file, which is replaced as a whole, and return their number.

    Raises ConfigError that names the extra if it is not installed, and OSError.
    """
    if not parquet_installed():
        raise ConfigError(f"a Parquet file needs the extra parquet; install it with: {INSTALL}")
    arrow: Any = import_module("pyarrow")
    parquet: Any = import_module("pyarrow.parquet")
    rows = [_exact(row) for row in decision_rows(run)]
    fresh = path.with_name(f"{path.name}.new")
    parquet.write_table(arrow.Table.from_pylist(rows, schema=_schema(arrow)), fresh)
    fresh.replace(path)
    return len(rows)


def _exact(row: dict[str, Any]) -> dict[str, Any]:
    cost, opened = row["cost_usd"], row["opened"]
    return row | {"cost_usd": None if cost is None else cost.quantize(USD_DIGITS), "opened": _texts(opened)}


def _texts(values: Sequence[object]) -> list[str]:
    return [str(value) for value in values]


def _schema(arrow: Any) -> Any:
    types = {
        "string": arrow.string(),
        "int64": arrow.int64(),
        "float64": arrow.float64(),
        "date32": arrow.date32(),
        "list of string": arrow.list_(arrow.string()),
        "decimal": arrow.decimal128(38, 12),
    }
    return arrow.schema([(name, types[kind]) for name, kind in COLUMNS])

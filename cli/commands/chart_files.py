"""Writing of the charts of a run as PNG files."""

from pathlib import Path

from ...desk.records.run_store import RunStore
from ...domain.decision import Decision
from ...domain.errors import ConfigError


def write_charts(store: RunStore, decision: Decision, folder: Path) -> None:
    """Write the stored charts that roles saw to an existing folder; the names have the hashes of the files.

    Raises ConfigError if the run has no charts, or a file cannot be written. Files that exist are left as they are.
    """
    if not decision.charts:
        raise ConfigError(f"no role of run {decision.run_id} was sent a chart")
    for each in decision.charts:
        png = store.picture(each.sha256)
        if png is None:
            raise ConfigError(f"the chart {each.file_name} is not stored here")
        _write(folder / each.file_name, png)


def _write(path: Path, png: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(png)
    except FileExistsError:
        return
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}; name an existing folder") from error

"""`openoutcry init` and `openoutcry config`: the settings file and the effective settings."""

from collections.abc import Mapping
from pathlib import Path

from ...app.effective_settings import effective_settings, unknown_variables
from ...app.settings_file import FILE_NAME
from ...app.settings_template import TEMPLATE
from ...domain.errors import ConfigError
from ...storage.output_file import write_output
from ..console.tables import print_line, print_notice, print_rows, write_json


def init(*, force: bool) -> None:
    """Write a commented settings file to the working folder; raises ConfigError if there is one, without `force`."""
    path = Path(FILE_NAME)
    if path.exists() and not force:
        raise ConfigError(f"{path} exists; edit it, or add --force to overwrite it")
    write_output(path, TEMPLATE, lambda _: False, force=force)
    print_line(f"{path.absolute()} written; every setting in it is a comment with its default")


def show(flags: Mapping[str, object], *, as_json: bool) -> None:
    """Print every setting with its value and its origin; `flags` are applied last."""
    lines = tuple(effective_settings(flags))
    if as_json:
        write_json({line.setting: {"value": line.value, "from": line.origin} for line in lines})
    else:
        print_rows(lines, as_json=False, nothing="")
    for variable in unknown_variables():
        print_notice(f"{variable} names no setting and has no effect")

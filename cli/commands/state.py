"""`openoutcry backup` and `openoutcry restore`: the whole state folder."""

from dataclasses import asdict
from pathlib import Path

from ...app.backup import back_up
from ...app.clock import now
from ...app.restore import restore
from ...app.settings import load_settings
from ..console.tables import print_line, print_notice, write_json


def back_up_state(target: Path, *, as_json: bool) -> None:
    """Write a backup of the state folder and print what it leaves out."""
    result = back_up(load_settings({}), target, now())
    if as_json:
        write_json(asdict(result))
        return
    print_line(f"{result.files} files, {result.bytes / 1e6:,.1f} MB, copied to {result.target}")
    for sentence in result.left_out:
        print_notice(f"not included: {sentence}")


def restore_state(source: Path, *, force: bool, as_json: bool) -> None:
    """Restore the state folder and print where the replaced files are."""
    result = restore(load_settings({}), source, now(), force=force)
    files = result.manifest.files
    if as_json:
        write_json({"home": result.home, "files": len(files), "replaced": result.replaced})
        return
    size = sum(each.size for each in files)
    print_line(f"{len(files)} files, {size / 1e6:,.1f} MB, restored to {result.home}")
    if result.replaced is not None:
        print_line(f"the files that were there are in {result.replaced}; delete that folder when you no longer need it")
    for sentence in result.manifest.left_out:
        print_notice(f"not in this backup: {sentence}")

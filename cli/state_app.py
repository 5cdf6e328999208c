"""The commands `backup` and `restore`. This module imports only what `--help` needs."""

from pathlib import Path
from typing import Annotated

import typer

from .arguments.options import AsJson


def backup(
    target: Annotated[Path, typer.Argument(help="A new folder, or a new file: .tar or .tar.gz.")],
    as_json: AsJson = False,
) -> None:
    """Back up the state folder: runs, accounts, memory, archive, reports and settings without secrets.

    Other processes may keep writing. A ledger in PostgreSQL is not included.

    \b
    Examples:
      openoutcry backup /backups/desk-2025-03-03
      openoutcry backup /backups/desk.tar.gz
    """  # noqa: D301 -- \b keeps the lines of the examples
    from .commands.state import back_up_state

    back_up_state(target, as_json=as_json)


def restore(
    source: Annotated[Path, typer.Argument(help="A folder or a file that `backup` wrote.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace the content of a state folder that is not empty.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Restore the state folder from a backup, after comparing every file with its checksum.

    While another command holds a lock in the state folder, the restore is refused, with --force too. With --force, the
    files that were there are moved to a hidden folder beside the restored ones, and a recent heartbeat of a scheduler
    that has ended is ignored.
    """
    from .commands.state import restore_state

    restore_state(source, force=force, as_json=as_json)

"""`openoutcry paper report`: the report of one session."""

from datetime import date
from pathlib import Path

from ...app.session_publishing import report_folder
from ...app.settings import load_settings
from ...domain.errors import ConfigError
from ...storage.output_file import write_output
from ..console.tables import print_notice, write_text

KNOWN = "OpenOutcry session report"


def report(account: str, session: str | None, html: Path | None, markdown: Path | None, *, force: bool) -> None:
    """Print the stored report of a session as Markdown, or copy it to files."""
    stored = _stored(account, session)
    for target, suffix in ((html, ".html"), (markdown, ".md")):
        if target is not None:
            text = stored.with_suffix(suffix).read_text(encoding="utf-8")
            write_output(target, text, lambda found: KNOWN in found, force=force)
            print_notice(f"report written to {target}")
    if html is None and markdown is None:
        write_text(stored.read_text(encoding="utf-8"))


def _stored(account: str, session: str | None) -> Path:
    """Return the Markdown file of the session, by default the newest; raises ConfigError if there is none."""
    folder = report_folder(load_settings({}).home, account)
    if session is not None:
        try:
            date.fromisoformat(session)
        except ValueError as error:
            raise ConfigError(f"--session {session[:40]!r} is not a date such as 2025-03-03") from error
    found = sorted(folder.glob(f"{session or '????-??-??'}.md"))
    if not found:
        what = f"of the session {session}" if session else "of a session"
        raise ConfigError(f"account {account} has no report {what}; `openoutcry paper run` writes one")
    return found[-1]

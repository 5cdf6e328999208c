"""`openoutcry paper serve`: the scheduler of paper accounts."""

from rich.console import Console

from ...app.paper_request import paper_entry
from ...app.paper_server import PaperServer
from ...app.settings import load_settings
from ...domain.errors import ConfigError
from ..console.session_progress import SessionProgress


def serve(accounts: str | None) -> None:
    """Serve the named accounts, or all accounts of the settings, until the process is stopped."""
    settings = load_settings({})
    names = list(dict.fromkeys(entry.account for entry in settings.paper))
    if accounts is not None:
        names = [name.strip() for name in accounts.split(",") if name.strip()]
    entries = []
    for name in names:
        entry = paper_entry(settings, name)
        if entry is None:
            raise ConfigError(f"account {name} has no [[paper]] table in openoutcry.toml; write one, with a watchlist")
        entries.append(entry)
    progress = SessionProgress(Console(stderr=True))
    progress.notice(f"serving {', '.join(names) or 'no account'}; Ctrl-C stops")
    PaperServer(entries, progress).serve()

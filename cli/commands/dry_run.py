"""`openoutcry decide --dry-run`: how much each role would be sent."""

from rich.console import Console
from rich.table import Table

from ...app.dry_run import dry_run
from ...app.factories import choose_model
from ...app.settings import Settings
from ..console.tables import plain_text


def show_dry_run(ticker: str, as_of: str | None, settings: Settings) -> None:
    """Print how much each role would be sent, and to which model; no model is asked."""
    choice, sent = choose_model(settings), dry_run(ticker, as_of, settings)
    table = Table("role", "prompt", "tokens (characters / 4)", title="Dry run: no model was asked, nothing was kept")
    for one in sent:
        table.add_row(plain_text(one.role), plain_text(one.prompt_id), f"{one.tokens:,}")
    table.add_row("all", "", f"{sum(one.tokens for one in sent):,}")
    Console().print(table)
    names = "a rule for every role" if choice.quick is None else f"quick {choice.quick}, deep {choice.deep}"
    Console().print(plain_text(f"{len(sent)} calls; {names}. Answers are counted as short as the rules' own."))

"""`openoutcry decide --dry-run`: the size of each role's prompt."""

from rich.console import Console
from rich.table import Table

from ...app.dry_run import dry_run
from ...app.factories import choose_model
from ...app.settings import Settings
from ..console.tables import plain_text


def show_dry_run(ticker: str, as_of: str | None, settings: Settings) -> None:
    """Print the estimated size of each role's prompt and the chosen models; no model is called."""
    choice, sent = choose_model(settings), dry_run(ticker, as_of, settings)
    table = Table("role", "prompt", "tokens (characters / 4)", title="Dry run: no model was called, nothing was stored")
    for one in sent:
        table.add_row(plain_text(one.role), plain_text(one.prompt_id), f"{one.tokens:,}")
    table.add_row("all", "", f"{sum(one.tokens for one in sent):,}")
    Console().print(table)
    names = "a rule for every role" if choice.quick is None else f"quick {choice.quick}, deep {choice.deep}"
    Console().print(
        plain_text(f"{len(sent)} calls; {names}. Sizes are based on the rules' answers; a model's may be longer.")
    )

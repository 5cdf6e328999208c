"""`openoutcry decide --dry-run`: the size of each role's prompt."""

from ...app.dry_run import dry_run
from ...app.factories import choose_model
from ...app.settings import Settings
from ..console.tables import print_line, print_table


def show_dry_run(ticker: str, as_of: str | None, settings: Settings) -> None:
    """Print the estimated size of each role's prompt and the chosen models; no model is called."""
    choice, sent = choose_model(settings), dry_run(ticker, as_of, settings)
    rows: list[tuple[str, str, int]] = [(one.role, one.prompt_id, one.tokens) for one in sent]
    total = ("all", "", sum(one.tokens for one in sent))
    title = "Dry run: no model was called, nothing was stored"
    print_table(("role", "prompt", "tokens"), (*rows, total), title=title)
    names = "a rule for every role" if choice.quick is None else f"quick {choice.quick}, deep {choice.deep}"
    print_line(
        f"{len(sent)} calls; {names}. Tokens are characters / 4, based on the rules' answers; a model's may be longer."
    )

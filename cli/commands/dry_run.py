"""`openoutcry decide --dry-run`: the size of each role's prompt, and the expected calls, tokens and cost."""

from collections.abc import Sequence
from decimal import Decimal

from rich.console import Console
from rich.table import Table

from ...app.dry_run import CallEstimate, dry_run, estimate_calls
from ...app.factories import choose_model
from ...app.settings import Settings
from ..console.tables import plain_text


def show_dry_run(ticker: str, as_of: str | None, settings: Settings) -> None:
    """Print each role's expected usage, its sum and the chosen models; no model is called."""
    choice, calls = choose_model(settings), estimate_calls(dry_run(ticker, as_of, settings), settings)
    title = "Dry run: no model was called, nothing was stored"
    table = Table("role", "prompt", "tokens (characters / 4)", "answer tokens", "USD", title=title)
    for each in calls:
        prompt = each.preview
        row = prompt.role, prompt.prompt_id, f"{prompt.tokens:,}", f"{each.answer_tokens:,}", _usd(each.cost_usd)
        table.add_row(*map(plain_text, row))
    prompts, answers = sum(each.preview.tokens for each in calls), sum(each.answer_tokens for each in calls)
    table.add_row("all", "", f"{prompts:,}", f"{answers:,}", _usd(_total(calls)))
    Console().print(table)
    names = "a rule for every role" if choice.quick is None else f"quick {choice.quick}, deep {choice.deep}"
    Console().print(
        plain_text(f"{len(calls)} calls; {names}. Sizes are based on the rules' answers; a model's may be longer.")
    )
    if choice.quick is not None:
        Console().print(plain_text(_expectation(calls, prompts + answers)))


def _expectation(calls: Sequence[CallEstimate], tokens: int) -> str:
    total, learned = _total(calls), sum(each.learned for each in calls)
    cost = "an unknown cost, because a model has no price" if total is None else f"{total:.4f} USD"
    source = (
        "lengths of answers are those of stored runs"
        if learned == len(calls)
        else (f"lengths of {len(calls) - learned} answers are presumed, because no stored run has any")
    )
    return f"Expected: {len(calls)} calls, {tokens:,} tokens, {cost}, without prompt caching; {source}."


def _total(calls: Sequence[CallEstimate]) -> Decimal | None:
    costs = [each.cost_usd for each in calls]
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None


def _usd(cost: Decimal | None) -> str:
    return "unknown" if cost is None else f"{cost:.4f}"

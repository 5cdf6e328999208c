"""`openoutcry decide --dry-run`: the size of each role's prompt, and the expected calls, tokens and cost."""

from collections.abc import Sequence
from decimal import Decimal

from ...app.dry_run import CallEstimate, dry_run, estimate_calls
from ...app.factories import choose_model
from ...app.settings import Settings
from ..console.tables import print_line, print_table


def show_dry_run(ticker: str, as_of: str | None, settings: Settings) -> None:
    """Print each role's expected usage, its sum and the chosen models; no model is called."""
    choice, calls = choose_model(settings), estimate_calls(dry_run(ticker, as_of, settings), settings)
    rows = [
        (each.preview.role, each.preview.prompt_id, each.preview.tokens, each.answer_tokens, _usd(each.cost_usd))
        for each in calls
    ]
    prompts, answers = sum(each.preview.tokens for each in calls), sum(each.answer_tokens for each in calls)
    total = ("all", "", prompts, answers, _usd(_total(calls)))
    title = "Dry run: no model was called, nothing was stored"
    print_table(("role", "prompt", "tokens", "answer_tokens", "USD"), (*rows, total), title=title)
    names = "a rule for every role" if choice.quick is None else f"quick {choice.quick}, deep {choice.deep}"
    print_line(
        f"{len(calls)} calls; {names}. Tokens are characters / 4; sizes are based on the rules' answers, and a model's "
        "may be longer."
    )
    if choice.quick is not None:
        print_line(_expectation(calls, prompts + answers))


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

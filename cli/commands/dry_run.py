"""`openoutcry decide --dry-run`: the size of each role's prompts, and the expected calls, tokens and cost."""

from collections.abc import Sequence
from decimal import Decimal

from ...app.call_estimate import CallEstimate, estimate_calls, summed, total_cost
from ...app.dry_run import dry_run_all
from ...app.factories import choose_model
from ...app.settings import Settings
from ..console.tables import print_line, print_table

COLUMNS = ("role", "prompt", "calls", "tokens", "answer_tokens", "USD")


def show_dry_run(tickers: Sequence[str], as_of: str | None, settings: Settings) -> None:
    """Print each role's expected usage, its sum and the chosen models; no model is called.

    With one ticker every prompt has a line, with several every role.
    """
    choice, each_call = choose_model(settings), estimate_calls(dry_run_all(tickers, as_of, settings), settings)
    shown = each_call if len(tickers) == 1 else summed(each_call)
    rows = [
        (each.role, each.prompt_id, each.calls, each.prompt_tokens, each.answer_tokens, _usd(each.cost_usd))
        for each in shown
    ]
    calls, prompts = sum(each.calls for each in shown), sum(each.prompt_tokens for each in shown)
    answers = sum(each.answer_tokens for each in shown)
    total = ("all", "", calls, prompts, answers, _usd(_total(shown)))
    print_table(COLUMNS, (*rows, total), title="Dry run: no model was called, nothing was stored")
    names = "a rule for every role" if choice.quick is None else f"quick {choice.quick}, deep {choice.deep}"
    print_line(
        f"{calls} calls; {names}. Tokens are characters / 4; sizes are based on the rules' answers, and a model's "
        "may be longer."
    )
    if charts := sum(each.charts for each in shown):
        print_line(f"{charts} charts are sent; each counts the most tokens of OpenAI's published formulas.")
    if choice.quick is not None:
        print_line(_expectation(each_call, calls, prompts + answers))


def _expectation(estimates: Sequence[CallEstimate], calls: int, tokens: int) -> str:
    total, presumed = _total(estimates), sum(each.calls for each in estimates if not each.learned)
    cost = "an unknown cost, because a model has no price" if total is None else f"{total:.4f} USD"
    source = (
        f"lengths of {presumed} answers are presumed, because no stored run has any"
        if presumed
        else "lengths of answers are those of stored runs"
    )
    return f"Expected: {calls} calls, {tokens:,} tokens, {cost}, without prompt caching; {source}."


def _total(estimates: Sequence[CallEstimate]) -> Decimal | None:
    return total_cost([each.cost_usd for each in estimates])


def _usd(cost: Decimal | None) -> str:
    return "unknown" if cost is None else f"{cost:.4f}"

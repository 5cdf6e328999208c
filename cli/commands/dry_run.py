"""`openoutcry decide --dry-run`: the size of each role's prompts, and the expected calls, tokens and cost."""

from collections.abc import Sequence
from decimal import Decimal

from ...app.call_estimate import CallEstimate, summed, total_cost
from ...app.dry_run_usage import dry_run_usage
from ...app.factories import choose_model
from ...app.settings import Settings
from ...app.usage_estimate import RoleEstimate
from ..console.tables import print_line, print_table

COLUMNS = ("role", "prompt", "calls", "tokens", "answer_tokens", "USD")


def show_dry_run(tickers: Sequence[str], as_of: str | None, settings: Settings) -> None:
    """Print each role's expected usage, its sum and the chosen models; no model is called.

    With one ticker every prompt has a line, with several every role.
    """
    choice, usage = choose_model(settings), dry_run_usage(tickers, as_of, settings)
    shown = usage.decisions if len(tickers) == 1 else summed(usage.decisions)
    rows = [
        (each.role, each.prompt_id, each.calls, each.prompt_tokens, each.answer_tokens, _usd(each.cost_usd))
        for each in shown
    ]
    rows += [
        (each.label, "", each.calls, each.prompt_tokens, each.answer_tokens, _usd(each.cost_usd))
        for each in usage.learning
    ]
    counted: Sequence[CallEstimate | RoleEstimate] = [*shown, *usage.learning]
    calls, prompts = sum(each.calls for each in counted), sum(each.prompt_tokens for each in counted)
    answers, cost = sum(each.answer_tokens for each in counted), total_cost([each.cost_usd for each in counted])
    total = ("all", "", calls, prompts, answers, _usd(cost))
    print_table(COLUMNS, (*rows, total), title="Dry run: no model was called, nothing was stored")
    names = "a rule for every role" if choice.quick is None else f"quick {choice.quick}, deep {choice.deep}"
    print_line(
        f"{calls} calls; {names}. Tokens are characters / 4; sizes are based on the rules' answers, and a model's "
        "may be longer."
    )
    if charts := sum(each.charts for each in shown):
        print_line(f"{charts} charts are sent; each counts the most tokens of OpenAI's published formulas.")
    if choice.quick is not None:
        presumed = sum(each.calls for each in usage.decisions if not each.learned)
        print_line(_expectation(presumed, calls, prompts + answers, cost))
    if usage.learning:
        most = sum(each.calls for each in usage.learning)
        print_line(f"{most} of the calls are the most that learning can take; they depend on answers and outcomes.")


def _expectation(presumed: int, calls: int, tokens: int, total: Decimal | None) -> str:
    cost = "an unknown cost, because a model has no price" if total is None else f"{total:.4f} USD"
    source = (
        f"lengths of {presumed} answers are presumed, because no stored run has any"
        if presumed
        else "lengths of answers are those of stored runs"
    )
    return f"Expected: {calls} calls, {tokens:,} tokens, {cost}, without prompt caching; {source}."


def _usd(cost: Decimal | None) -> str:
    return "unknown" if cost is None else f"{cost:.4f}"

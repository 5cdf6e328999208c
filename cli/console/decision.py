"""Terminal output of a decision: thesis, order ticket, and effects of the limits."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from ...app.decision_service import DecisionResult
from ...desk.execution_text import execution_lines
from ...desk.records.document import would_supersede
from ...domain.account import AccountState
from ...domain.decision import Decision, Outcome, PositionSnapshot, Submission
from ...domain.ids import ClientOrderId
from ...domain.market import SUB_DOLLAR_TICK, price_text
from ...domain.orders import Order, OrderType, RestingAction, StopLoss
from ...domain.outputs import Thesis
from ...domain.resting_orders import age_and_distance, price_distance
from ...domain.text import strip_control
from ...risk.reference_prices import entry_levels
from .exit_codes import ExitCode, exit_for_abstention

LAST_CLOSE = "px.close"
OUTCOME_STYLE = {Outcome.ORDERS: "bold green", Outcome.HOLD: "bold yellow", Outcome.ABSTAIN: "bold red"}


def exit_for_result(result: DecisionResult) -> ExitCode:
    """Return the exit code of a decision.

    It is REFUSED if an order was rejected, the account is halted, or it is reducing and all orders asked are entries.
    """
    decision = result.decision
    refused = any(not answer.accepted for answer in decision.submissions or ())
    barred = refused or result.halted or _only_entries_while_reducing(decision)
    return ExitCode.REFUSED if barred else exit_for_abstention(decision.abstention)


def _only_entries_while_reducing(decision: Decision) -> bool:
    asked = decision.risk.asked
    reducing = decision.account_state is AccountState.REDUCING
    return reducing and bool(asked) and all(order.action.opens for order in asked)


def print_decision(console: Console, decision: Decision) -> None:
    """Print the decision: heading, thesis, orders, clamps, missing data, cost."""
    sections = (*_superseded(decision), *_orders(decision), *_limits(decision), *_degraded(decision))
    parts = [_setting(decision), *_account(decision), _thesis(decision), *sections]
    title = Text.assemble(
        (f" {decision.ticker} ", "bold"),
        f"as of {decision.as_of:%Y-%m-%d %H:%M} UTC  ",
        (f"{decision.outcome.upper()} ", OUTCOME_STYLE[decision.outcome]),
    )
    console.print(Panel(Group(*parts, _cost(decision)), title=title, title_align="left"))


def _setting(decision: Decision) -> RenderableType:
    """Return the line with the desk, the model, and whether the market is synthetic."""
    by = decision.model.name if decision.model.name == decision.model.deep_name else _both(decision)
    text = f"Desk {decision.desk}, answered by {by}. Prices and amounts in {decision.currency}."
    line = Text(strip_control(text), style="dim")
    return Text.assemble(line, (" SYNTHETIC MARKET.", "bold magenta")) if decision.market.synthetic else line


def _account(decision: Decision) -> Iterable[RenderableType]:
    """Return the state of the paper account and its position in the symbol; empty without a paper account."""
    if decision.account is None:
        return []
    barred = decision.account_state is not AccountState.ACTIVE
    state = Text.assemble(
        strip_control(f"Account {decision.account} ({decision.currency}): "),
        (decision.account_state, "bold red" if barred else ""),
    )
    return [Text.assemble(state, f", {_position(decision)}")]


def _position(decision: Decision) -> str:
    position = decision.position
    if position is None:
        return f"no position and no open orders in {decision.ticker}"
    held = (
        f"{position.quantity:f} {decision.ticker} at {_average_cost(position)}, unrealized {position.unrealized:+,.2f}"
        if position.quantity
        else f"no position in {decision.ticker}"
    )
    resting = "; ".join(_resting(order, position) for order in position.resting)
    return f"{held}, open orders: {resting or 'none'}"


def _resting(order: Order, position: PositionSnapshot) -> str:
    levels = (("limit", order.limit_price), ("stop", order.stop_price), ("trail", order.trail))
    words = "".join(f" {name} {level:f}" for name, level in levels if level is not None)
    age, distance = position.resting_ages.get(order.client_order_id), price_distance(order, position.last_close)
    terms = f"{order.action} {order.quantity:f}{words} {order.time_in_force}"
    return ", ".join([terms, *age_and_distance(age, distance)])


def _both(decision: Decision) -> str:
    return f"{decision.model.name} and {decision.model.deep_name}"


def _thesis(decision: Decision) -> RenderableType:
    if decision.abstention is not None:
        return Text(
            strip_control(f"No decision. {decision.abstention.role}: {decision.abstention.reason}"), style="red"
        )
    if decision.thesis is None:
        return Text("No thesis.")
    thesis = decision.thesis
    return Text.assemble(
        (f"{thesis.rating.upper()} ", "bold"),
        f"conviction {thesis.conviction:+z.2f} over {thesis.horizon_sessions} sessions\n",
        strip_control(f"{thesis.summary}\n"),
        *_cases(thesis),
        ("Invalidated by: ", "bold"),
        strip_control(thesis.invalidation),
    )


def _cases(thesis: Thesis) -> Iterable[str | tuple[str, str]]:
    """Return the lines of both cases; none for a thesis whose sides were not argued."""
    if not thesis.argued:
        return ()
    bull, bear = (strip_control(f"{case}\n") for case in (thesis.bull_case, thesis.bear_case))
    return ("Bull: ", "green"), bull, ("Bear: ", "red"), bear


def _orders(decision: Decision) -> Iterable[RenderableType]:
    if not decision.risk.allowed:
        why = decision.plan.rationale if decision.plan else ""
        return [Text(strip_control(f"\nNo orders. {why}"))]
    answers = {answer.client_order_id: answer for answer in decision.submissions or ()}
    last = next((item.value for item in decision.evidence if item.id == LAST_CLOSE), None)
    lines = (_line(order, last, answers.get(order.client_order_id)) for order in decision.risk.allowed)
    heading = (
        strip_control(f"\nOrder ticket, sent to account {decision.account}") if answers else "\nOrder ticket, not sent"
    )
    schedule = [Text(strip_control(f"  {line}"), style="dim") for line in execution_lines(decision)]
    return [Text(heading, style="bold"), *lines, *schedule]


def _superseded(decision: Decision) -> Iterable[RenderableType]:
    """Return the ids of resting orders that this decision ends, and of those that it keeps."""
    sent = decision.submissions is not None
    named = decision.superseded if sent else would_supersede(decision)
    ended = _named("Canceled first:" if sent else "Would be canceled first:", named)
    actions = (each for each in decision.resting_actions if each.action is RestingAction.KEEP)
    return [*ended, *_named("Kept resting:", [each.client_order_id for each in actions])]


def _named(heading: str, ids: Sequence[ClientOrderId]) -> Iterable[RenderableType]:
    lines = [f"\n{heading}", *(f"  {each}" for each in ids)]
    return [Text(strip_control("\n".join(lines)), style="dim")] if ids else []


def _line(order: Order, last: Decimal | None, answer: Submission | None) -> Text:
    levels = (("limit", order.limit_price), ("stop", order.stop_price), ("trail", order.trail))
    entry = "".join(f" {name} {level:f}" for name, level in levels if level is not None)
    target = f", target {order.take_profit.limit_price:f}" if order.take_profit else ""
    kind = "" if order.type in {OrderType.LIMIT, OrderType.STOP} else f" {order.type}"
    return Text.assemble(
        (f"  {order.action.upper()} {order.quantity:f} {order.symbol}", "bold"),
        f"{kind}{entry}, {order.time_in_force}, {order.order_class}{target}{_stop(order.stop_loss)}"
        f"{_lots(order)}{_awaits(order)}",
        _money(order, last),
        (f"\n      {order.client_order_id}", "dim"),
        _answer(answer),
    )


def _stop(stop: StopLoss | None) -> str:
    if stop is None:
        return ""
    limit = "" if stop.limit_price is None else f" limit {stop.limit_price:f}"
    trail = "" if stop.trail is None else f" trailing by {stop.trail:f}"
    return f", stop-loss {stop.stop_price:f}{limit}{trail}"


def _average_cost(position: PositionSnapshot) -> str:
    """Return the average cost; below 1.00 with at least the decimals of the last close."""
    places = int(position.last_close.as_tuple().exponent)
    return price_text(position.average_cost, min(SUB_DOLLAR_TICK, Decimal(1).scaleb(places)), grouped=True)


def _lots(order: Order) -> str:
    """Return the ids of the lots that an order closes first."""
    return strip_control(f", first of lots {', '.join(order.lots)}") if order.lots else ""


def _awaits(order: Order) -> str:
    """Return the exit after which an entry of the other side becomes active."""
    return strip_control(f", waits for {order.awaits}") if order.awaits else ""


def _money(order: Order, last: Decimal | None) -> str:
    """Return the order's value at its expected fill price, and its loss from there to its stop."""
    if last is None and order.type in {OrderType.MARKET, OrderType.TRAILING_STOP}:
        return ""
    entry = entry_levels(order, last or Decimal(0))[0]
    worth = f"\n      worth {order.quantity * entry:,.2f}"
    if order.stop_loss is None:
        return worth
    return f"{worth}, loses {order.quantity * abs(entry - order.stop_loss.stop_price):,.2f} at its stop"


def _answer(answer: Submission | None) -> tuple[str, str]:
    if answer is None:
        return "", ""
    return (": accepted", "green") if answer.accepted else (strip_control(f": REJECTED, {answer.reason}"), "bold red")


def _limits(decision: Decision) -> Iterable[RenderableType]:
    cuts = [f"{c.limit}: requested {c.asked:f}, allowed {c.allowed:f} ({c.reason})" for c in decision.risk.clamps]
    cuts += [f"denied {d.order.action} {d.order.quantity:f}: {d.reason}" for d in decision.risk.denied]
    return [Text(strip_control("\nLimits that fired:\n" + "\n".join(f"- {cut}" for cut in cuts)))] if cuts else []


def _degraded(decision: Decision) -> Iterable[RenderableType]:
    missing = decision.provenance.degraded
    lines = "\n".join(f"- {line}" for line in missing)
    return [Text(strip_control(f"\nMissing inputs:\n{lines}"), style="yellow")] if missing else []


def _cost(decision: Decision) -> RenderableType:
    spent = decision.usage.by_role.values()
    calls, tokens = sum(s.model_calls for s in spent), sum(s.prompt_tokens + s.completion_tokens for s in spent)
    cost = "" if decision.usage.cost_usd is None or not calls else f", ${decision.usage.cost_usd:.4f}"
    cached, prompt = sum(s.cached_tokens for s in spent), sum(s.prompt_tokens for s in spent)
    share = f" ({cached / prompt:.0%} of the prompts cached)" if cached else ""
    text = (
        f"\n{calls} model calls, {tokens:,} tokens{share}{cost}, {decision.usage.wall_s:.2f} s; run {decision.run_id}"
    )
    return Text(strip_control(text), style="dim")

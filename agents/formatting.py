"""Format the context of an agent for a prompt: compact, truncated, with text from outside sanitized.

Reports and arguments are truncated, so the tokens of a decision grow linearly with the rounds of a debate.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ..domain.abstention import Abstention
from ..domain.account import Account
from ..domain.brief import Brief
from ..domain.citing_output import citations_of
from ..domain.decision import DebateTurn, RiskAssessment, RoleReport
from ..domain.decision_outputs import JudgedView
from ..domain.deliberation_outputs import StatedWork
from ..domain.evidence import Evidence, EvidenceKind
from ..domain.market import price_text
from ..domain.outputs import OrderPlan, Thesis
from ..domain.remarks import Remark, RiskArgument, TradeProposal
from ..domain.resting_orders import RestingOrder, age_and_distance, price_distance, resting_orders
from ..memory.port import RecalledRecord
from .context import AgentContext, MissingEvidence, memory_evidence_id
from .history_formatting import format_history
from .outside_text import sanitize

EMPTY = "(none)"
EXHIBIT_CHARACTERS, REPORT_CHARACTERS, ARGUMENT_CHARACTERS, REASON_CHARACTERS = 96, 600, 900, 400
MEMORY_CHARACTERS, LESSON_CHARACTERS = 400, 1_200
WORK_CHARACTERS = 2_400
LOTS_SHOWN = 20
LOTS_EXPLAINED = (
    "An order that closes may name in `lots` the lots that it takes first; the oldest go first after them, or where "
    "`lots` is empty."
)


def truncate(text: str, characters: int) -> str:
    """Return `text` sanitized and at most `characters` long, with an ellipsis if it was truncated."""
    text = sanitize(text)
    return text if len(text) <= characters else text[: characters - 1].rstrip() + "…"


def format_evidence(evidence: Iterable[Evidence]) -> str:
    """Format every item in full, one a line: `[id] date: text`."""
    return _lines(f"[{sanitize(e.id)}] {e.known_at:%Y-%m-%d}: {sanitize(e.text)}" for e in evidence)


def format_exhibits(evidence: Iterable[Evidence]) -> str:
    """Format every item on one short line, for agents that judge the reports: `[id] text`.

    Memories are omitted, because each agent receives its own memories separately.
    """
    return _lines(
        f"[{sanitize(e.id)}] {truncate(e.text, EXHIBIT_CHARACTERS)}"
        for e in evidence
        if e.kind is not EvidenceKind.MEMORY
    )


def format_missing(missing: Iterable[MissingEvidence], abstentions: Iterable[Abstention] = ()) -> str:
    """Format what is unknown: missing evidence and roles that abstained."""
    found = [f"{m.what} ({truncate(m.reason, 160)})" for m in missing]
    silent = [f"{a.role} abstains ({truncate(a.reason, 160)})" for a in abstentions]
    return "; ".join(dict.fromkeys(found + silent)) or "nothing"


def format_memories(memories: Iterable[RecalledRecord]) -> str:
    """Format recalled memories, one a line and truncated: `[id] date, source: text`. The text may quote others."""
    return _lines(
        f"[{memory_evidence_id(m.record)}] {m.record.event_at:%Y-%m-%d}, "
        f"{m.record.source.replace('_', ' ')}: {format_memory(m)}"
        for m in memories
    )


def format_memory(recall: RecalledRecord) -> str:
    """Return the truncated text of a memory."""
    room = LESSON_CHARACTERS if recall.whole else MEMORY_CHARACTERS
    return truncate(recall.excerpt or recall.record.text, room)


def format_reports(reports: Iterable[RoleReport]) -> str:
    """Format each report as role, stance, confidence, truncated summary and citations."""
    return _lines(
        f"{r.role}: {r.report.stance}, confidence {r.report.confidence:.2f}. "
        f"{truncate(r.report.summary, REPORT_CHARACTERS)} {_cited(r.report.evidence)}"
        for r in reports
    )


def format_work(context: AgentContext) -> str:
    """Format the reports, other stated work, and the last decision of each agent; trades are shown with the thesis."""
    stated = [
        f"{author}: {truncate(work.line(), WORK_CHARACTERS)} {_cited(citations_of(work))}"
        for author, work in context.outputs(StatedWork)  # type: ignore[type-abstract]  # its outputs are read, and none is made
        if not isinstance(work, RiskArgument | TradeProposal)
    ]
    decided = dict(context.outputs(JudgedView))
    views = [
        f"{author} decides on {_decision(view)}. {truncate(view.summary, REPORT_CHARACTERS)} {_cited(view.evidence)}"
        for author, view in decided.items()
    ]
    reports = [format_reports(context.reports)] if context.reports else []
    return _lines([*reports, *stated, *views])


def _decision(view: JudgedView) -> str:
    """Format the fields that only this kind of decision has, such as `exposure 0.5`."""
    own = (name for name in type(view).model_fields if name not in JudgedView.model_fields and name != "sections")
    return ", ".join(f"{name.replace('_', ' ')} {getattr(view, name)}" for name in own)


def format_debate(turns: Iterable[DebateTurn]) -> str:
    """Format the last argument of each side."""
    last = {turn.speaker: turn for turn in turns}
    return _lines(
        f"{t.speaker}, round {t.round}: {truncate(t.argument.claim, ARGUMENT_CHARACTERS)} {_cited(t.argument.evidence)}"
        for t in last.values()
    )


def format_remarks(remarks: Iterable[tuple[str, Remark]]) -> str:
    """Format remarks, given with their authors, one a line and truncated."""
    return _lines(
        f"{author}: {truncate(remark.line(), ARGUMENT_CHARACTERS)} {_cited(remark.evidence)}".rstrip()
        for author, remark in remarks
    )


def format_thesis(thesis: Thesis) -> str:
    """Format the thesis, truncated."""
    return (
        f"{thesis.rating}, conviction {thesis.conviction:+z.2f}, over {thesis.horizon_sessions} sessions. "
        f"{truncate(thesis.summary, REPORT_CHARACTERS)}\nInvalidated by: {truncate(thesis.invalidation, 300)} "
        f"{_cited(thesis.evidence)}"
    )


def format_plan(plan: OrderPlan) -> str:
    """Format each planned order and each action on a resting order on one line, and the rationale of the plan."""
    orders = [
        f"{n}. {o.action} {o.quantity:f} {o.type}{_level('limit', o.limit_price)}{_level('stop', o.stop_price)}"
        f"{_level('trail', o.trail)} {o.time_in_force} {o.order_class}{_level('target', o.take_profit_limit)}"
        f"{_level('stop-loss', o.stop_loss_stop)}{_level('trailing by', o.stop_loss_trail)}"
        f"{_lots(o.lots)}: {truncate(o.rationale, 200)}"
        for n, o in enumerate(plan.orders, start=1)
    ]
    resting = [f"Resting order {truncate(each.order, 40)}: {each.action}" for each in plan.resting or ()]
    return _lines([*orders, *resting, f"Why: {truncate(plan.rationale, REASON_CHARACTERS)}"])


def format_assessments(opinions: Iterable[RiskAssessment]) -> str:
    """Format the verdict and truncated reason of each risk analyst."""
    return _lines(
        f"{o.speaker}: {o.opinion.verdict}, lets through {o.opinion.allowed:.2f}. "
        f"{truncate(o.opinion.reason, REASON_CHARACTERS)}"
        for o in opinions
    )


def format_as_of(brief: Brief) -> str:
    """Format the moment of the decision."""
    return f"{brief.as_of:%Y-%m-%d %H:%M} UTC"


def format_market(brief: Brief) -> str:
    """Format the market figures that price levels and sizes depend on."""
    quote = brief.quote
    parts = [f"last close {quote.last_close} on {quote.session}"]
    parts += [f"ATR(14) {quote.atr:.2f}"] if quote.atr is not None else ["ATR unknown"]
    if quote.daily_volatility is not None:
        parts.append(f"daily volatility {quote.daily_volatility:.2%}")
    parts.append(f"average volume {quote.average_volume:,.0f}")
    return ", ".join(parts) + (" (a made-up market)" if brief.synthetic else "")


def format_account(account: Account, brief: Brief) -> str:
    """Format the account: holdings, permissions, open orders, the last orders' results, and past decisions."""
    held = account.holdings.get(brief.symbol)
    position = (
        f"{held.quantity:f} {brief.symbol} at {_cost(held.average_cost, brief)}" if held else f"no {brief.symbol}"
    )
    kind = "margin, shorts allowed" if account.margin else "cash only, no shorts"
    lines = [f"equity {account.equity:,.2f}, cash {account.cash:,.2f}, {position} ({kind})"]
    resting = [_resting(each, brief) for each in resting_orders(account, brief.symbol)]
    others = len(account.superseded) + len(account.open_orders) - len(resting)
    if resting or others:
        lines.append(f"open orders: {'; '.join(resting) or 'none here'}" + (f"; {others} elsewhere" if others else ""))
    lines += [
        f"last decision, {order.as_of:%Y-%m-%d}: {order.action} asked {order.asked:f}, "
        f"allowed {order.allowed:f}, "
        f"filled {order.filled:f} ({order.status})"
        for order in account.last_orders
    ]
    lines += format_history(account.past_decisions)
    lines += [f"risk posture of the desk: {brief.risk_posture}"] if brief.risk_posture else []
    lines += (
        [f"risk directive: decide risk averse this time, because {brief.risk_directive}"]
        if brief.risk_directive
        else []
    )
    return "\n".join(lines)


def format_positions(brief: Brief) -> str:
    """Format the account for the trader, with the symbol's lots if a closing order may select among them."""
    lots, close = brief.account.lots(brief.symbol), brief.quote.last_close
    lines = [format_account(brief.account, brief)]
    if lots:
        told = [
            f"{lot.lot_id}: {lot.quantity:f} at {_cost(lot.cost, brief)} on {lot.acquired}, gain {lot.gain(close):+f}"
            for lot in lots[:LOTS_SHOWN]
        ]
        left_out = [f"{len(lots) - LOTS_SHOWN} younger ones"] if len(lots) > LOTS_SHOWN else []
        lines += [f"open lots, oldest first, gains at the last close: {'; '.join(told + left_out)}", LOTS_EXPLAINED]
    return "\n".join(lines)


def _cost(price: Decimal, brief: Brief) -> str:
    return price_text(price, brief.quote.tick_at(price))


def _resting(each: RestingOrder, brief: Brief) -> str:
    """Format a resting order: label, terms, age, distance of its price, and what ends together with it."""
    order = each.order
    levels = _level("limit", order.limit_price) + _level("stop", order.stop_price) + _level("trail", order.trail)
    parts = [f"{each.label}: {order.action} {order.quantity:f} {order.type}{levels} {order.time_in_force}"]
    parts += age_and_distance(each.age, price_distance(order, brief.quote.last_close))
    parts += [f"ends together with {' and '.join(each.linked)}"] if each.linked else []
    parts += [f"waits until {' and '.join(each.awaits)} closed the position"] if each.awaits else []
    parts += [f"can only be kept, {each.fixed}"] if each.fixed else []
    parts += [truncate(each.note, REASON_CHARACTERS)] if each.note else []
    return ", ".join(parts)


def _level(name: str, price: Decimal | None) -> str:
    return "" if price is None else f" {name} {price:f}"


def _lots(named: Sequence[str]) -> str:
    left_out = [f" and {len(named) - LOTS_SHOWN} more lots"] if len(named) > LOTS_SHOWN else []
    return "".join([*(f" lot {truncate(lot, 60)}" for lot in named[:LOTS_SHOWN]), *left_out])


def _cited(ids: Iterable[str]) -> str:
    return " ".join(f"[{sanitize(i)}]" for i in ids)


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines) or EMPTY

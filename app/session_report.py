"""What the report of a session shows, read from the stores and the market."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice, pairwise

from ..desk.accounts.approvals import ProposalLine, pending_proposals
from ..desk.accounts.statement import OrderLine, PositionLine, money, orders, positions
from ..desk.execution_text import execution_lines
from ..desk.records.session_status import SessionStatus
from ..domain.decision import Decision
from ..domain.errors import DataError
from ..domain.ids import Symbol
from ..graph.desk_config import load_desk
from ..ledger.broker import Broker
from ..ledger.model.order_events import OrderFilled
from ..ledger.reports.history import executions
from ..market.view import MarketView
from ..reports.session_view import (
    CalibrationRow,
    DecisionRow,
    ExposureRow,
    FillRow,
    HeldRow,
    RestingRow,
    SessionCurve,
    SessionUsage,
    SessionView,
)
from ..reports.write import in_units_of_last
from .daily_stores import DailyStores
from .session_plan import SessionPlan
from .session_rows import OpenSession, SessionResult, result_of
from .settings import Settings

MOST_SESSIONS = 260
"""Number of past sessions that curve and calibration are computed from: about a year."""
BUCKETS = ((-1.01, -0.3, "below -0.3"), (-0.3, 0.0, "-0.3 to 0"), (0.0, 0.3, "0 to 0.3"), (0.3, 1.01, "above 0.3"))
NO_SECTOR = "unknown"
Closes = Mapping[Symbol, Mapping[date, Decimal]]


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What is known of a session while it is published: its new state, its value, and those of the session before."""

    status: SessionStatus
    value: SessionResult | None
    previous: SessionResult | None
    decisions: Sequence[Decision]
    notices: Sequence[str]


class SessionReporter:
    """Builds the views of one account's sessions."""

    def __init__(self, settings: Settings, stores: DailyStores, session: OpenSession, plan: SessionPlan) -> None:
        self._settings, self._stores, self._row, self._plan = settings, stores, session.row, plan

    def view(self, facts: SessionFacts) -> SessionView:
        """Return the view of the session; market data is read as of its decisions."""
        stores, row, value = self._stores, self._row, facts.value
        broker = stores.ledger.broker(row.account)
        book, market = broker.book, MarketView(stores.source, row.as_of)
        held, resting = positions(broker), orders(book, every=False)
        results = [*self._past(), *([(row.session, value)] if value else [])]
        closes = self._closes(market, results)
        equity = value.equity if value else None
        return SessionView(
            account=row.account,
            currency=book.currency,
            session=row.session,
            status=facts.status,
            note=row.note,
            state=book.state,
            state_reason=book.halted or book.reducing or "",
            desk=load_desk(self._settings.desk).name,
            synthetic=stores.source.synthetic,
            equity=equity,
            change=value.equity - facts.previous.equity if value and facts.previous else None,
            index=value.index if value else None,
            drawdown=1 - value.index / value.peak if value and value.peak else None,
            cash=money(book.cash),
            gross=money(book.long_value - book.short_value),
            net=money(book.long_value + book.short_value),
            fills=tuple(_fills(broker, facts.previous.seq if facts.previous else 0)),
            decisions=tuple(map(_decision, facts.decisions)),
            held=tuple(_held(line, resting, equity) for line in held),
            resting=tuple(_resting(line, broker) for line in resting),
            sectors=tuple(_sectors(held, market, equity)),
            calibration=tuple(_calibration(results, closes)),
            curve=_curve(results, closes),
            usage=_usage(facts.decisions),
            waiting=[_waiting(line) for line in pending_proposals(book, row.session)],
            notices=tuple(facts.notices),
            counts={str(status): count for status, count in stores.sessions.counts(row.account).items()},
        )

    def _past(self) -> list[tuple[date, SessionResult]]:
        """Return the earlier sessions that have a result, oldest first."""
        rows = self._stores.sessions.rows(self._row.account, limit=MOST_SESSIONS)
        earlier = ((row.session, result_of(row)) for row in reversed(rows) if row.session < self._row.session)
        return [(session, result) for session, result in earlier if result is not None]

    def _closes(self, market: MarketView, results: Sequence[tuple[date, SessionResult]]) -> Closes:
        """Return the closes of the watchlist and of decided symbols since the first result, adjusted for splits."""
        decided = {symbol for _, result in results for symbol in result.convictions}
        found: dict[Symbol, Mapping[date, Decimal]] = {}
        for symbol in sorted({*self._plan.symbols, *decided}):
            try:
                bars = in_units_of_last(market.bars(symbol, count=MOST_SESSIONS + 60), market.splits(symbol))
            except DataError:
                continue
            found[symbol] = {bar.session: bar.close for bar in bars}
        return found


def _fills(broker: Broker, since: int) -> Iterator[FillRow]:
    """Yield the executions of the events after the first `since`."""
    new = {event.fill_id for event in islice(broker.journal.events, since, None) if isinstance(event, OrderFilled)}
    for each in executions(broker.journal.events, broker.book) if new else ():
        if each.fill_id in new:
            yield FillRow(each.session, each.symbol, each.action, each.quantity, each.price, each.commission)


def _decision(decision: Decision) -> DecisionRow:
    risk = decision.risk
    reasons = [f"{clamp.limit}: {clamp.reason}" for clamp in risk.clamps]
    reasons += [f"denied: {denied.reason}" for denied in risk.denied]
    reasons += [f"rejected: {each.reason}" for each in decision.submissions or () if not each.accepted]
    reasons += execution_lines(decision)
    reasons += [decision.abstention.reason] if decision.abstention else []
    return DecisionRow(
        symbol=decision.ticker,
        run_id=decision.run_id,
        outcome=decision.outcome,
        rating=decision.thesis.rating if decision.thesis else "",
        conviction=decision.thesis.conviction if decision.thesis else None,
        asked=[
            *(f"{order.action} {order.quantity:f} {order.type}" for order in risk.asked),
            *(f"{each.action} {each.client_order_id}" for each in decision.resting_actions),
        ],
        allowed=[f"{order.action} {order.quantity:f} {order.type}" for order in risk.allowed],
        accepted=sum(each.accepted for each in decision.submissions or ()),
        reasons=tuple(dict.fromkeys(reasons)),
    )


def _held(line: PositionLine, resting: Sequence[OrderLine], equity: Decimal | None) -> HeldRow:
    stops = [each.stop for each in resting if each.symbol == line.symbol and each.stop is not None]
    nearest = min((abs(stop - line.mark) / line.mark for stop in stops), default=None) if line.mark else None
    return HeldRow(
        symbol=line.symbol,
        quantity=line.quantity,
        average_cost=line.average_cost,
        mark=line.mark,
        value=line.value,
        unrealised=line.unrealised,
        weight=line.value / equity if equity else None,
        stop_distance=nearest,
    )


def _resting(line: OrderLine, broker: Broker) -> RestingRow:
    book, level = broker.book, line.stop if line.stop is not None else line.limit
    instrument, mark = book.instruments.get(line.symbol), book.marks.get(line.symbol)
    price = instrument.price(mark) if instrument and mark else None
    return RestingRow(
        order_id=line.order_id,
        symbol=line.symbol,
        action=line.action,
        quantity=line.quantity - line.filled,
        type=line.type,
        level=level,
        age=book.age(book.orders[line.order_id]),
        distance=abs(level - price) / price if level is not None and price else None,
    )


def _sectors(held: Sequence[PositionLine], market: MarketView, equity: Decimal | None) -> Iterator[ExposureRow]:
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in held:
        try:
            profile = market.profile(Symbol(line.symbol))
        except DataError:
            profile = None
        found[(profile.sector if profile else None) or NO_SECTOR] += abs(line.value)
    for name, value in sorted(found.items()):
        yield ExposureRow(name, value, value / equity if equity else None)


def _calibration(results: Sequence[tuple[date, SessionResult]], closes: Closes) -> Iterator[CalibrationRow]:
    """Yield the decisions by conviction, with the return from the session's close to the next result's session."""
    pairs = list(_outcomes(results, closes))
    for low, high, name in BUCKETS:
        inside = [(conviction, gain) for conviction, gain in pairs if low <= conviction < high and conviction]
        if inside:
            yield CalibrationRow(name, len(inside), sum(conviction * float(gain) > 0 for conviction, gain in inside))


def _outcomes(results: Sequence[tuple[date, SessionResult]], closes: Closes) -> Iterator[tuple[float, Decimal]]:
    for (session, result), (following, _) in pairwise(results):
        for symbol, conviction in result.convictions.items():
            known = closes.get(symbol, {})
            if session in known and following in known and known[session]:
                yield conviction, known[following] / known[session] - 1


def _curve(results: Sequence[tuple[date, SessionResult]], closes: Closes) -> SessionCurve:
    """Return the account beside an equal-weight holding of all symbols that have a close in every session."""
    sessions = [session for session, _ in results]
    whole = [known for known in closes.values() if sessions and all(known.get(session) for session in sessions)]
    if not whole:
        return SessionCurve((), (), ())
    first = float(results[0][1].index) or 1.0
    account = [float(result.index) / first for _, result in results]
    held = [sum(float(known[day] / known[sessions[0]]) for known in whole) / len(whole) for day in sessions]
    return SessionCurve(sessions, account, held)


def _usage(decisions: Sequence[Decision]) -> SessionUsage:
    roles = [role for decision in decisions for role in decision.usage.by_role.values()]
    costs = [each.usage.cost_usd for each in decisions if each.usage.by_role]
    known = [cost for cost in costs if cost is not None]
    return SessionUsage(
        sum(role.model_calls for role in roles),
        sum(role.prompt_tokens + role.completion_tokens for role in roles),
        sum(known, Decimal(0)) if len(known) == len(costs) else None,
    )


def _waiting(line: ProposalLine) -> str:
    awaits = f", waits for {line.awaits}" if line.awaits else ""
    return f"{line.action} {line.quantity:f} {line.symbol}{awaits}, until {line.expires}: {line.order_id}"

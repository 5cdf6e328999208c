"""Facts that a report shows beside the decision: market events, fills, the account and the earlier decision."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from ..desk.accounts.paper_account import account_at, account_view
from ..desk.records.run_store import RunStore
from ..domain.account import Account
from ..domain.decision import Decision
from ..domain.errors import OpenOutcryError, is_bug
from ..domain.market import Split
from ..domain.trading_calendar import TradingCalendar, trading_calendar
from ..ledger.reports.history import executions
from ..market.source import MarketSource
from ..market.view import MarketView
from ..reports.report_facts import ChartMarker, MarkerKind, ReportFacts
from .factories import account_for, open_ledger, open_store
from .settings import Settings

NEWS_DAYS = 180


def load_report_facts(settings: Settings, decision: Decision, source: MarketSource) -> ReportFacts:
    """Return what is known beside the decision; whatever cannot be read is absent, so that the report is written."""
    view = MarketView(source, decision.as_of)
    account, fills = _account(settings, decision, source)
    return ReportFacts(
        markers=(*_market_events(view, decision), *fills),
        account=account,
        hypothetical=decision.account is None,
        previous=_previous(settings, decision),
        pictures=_pictures(settings, decision),
    )


def previous_decision(runs: RunStore, decision: Decision) -> Decision | None:
    """Return the latest decision before `decision` of the same account and desk on the same symbol; None without one.

    Of decisions for the same moment, the one that was stored last counts.
    """
    earlier = [
        run
        for run in runs.runs()
        if run.ticker == decision.ticker and run.desk == decision.desk and run.as_of < decision.as_of
    ]
    for run in sorted(earlier, key=lambda each: (each.as_of, each.started_at), reverse=True):
        found = runs.find_decision(run.run_id)
        if found is not None and found.account == decision.account:
            return found
    return None


def _previous(settings: Settings, decision: Decision) -> Decision | None:
    try:
        return previous_decision(open_store(settings), decision)
    except OpenOutcryError as error:
        if is_bug(error):
            raise
        return None


def _pictures(settings: Settings, decision: Decision) -> Mapping[str, bytes]:
    """Return the stored files of the decision's charts by their SHA-256."""
    if not decision.charts:
        return {}
    try:
        runs = open_store(settings)
        found = {each.sha256: runs.picture(each.sha256) for each in decision.charts}
    except OpenOutcryError as error:
        if is_bug(error):
            raise
        return {}
    return {name: png for name, png in found.items() if png is not None}


def _account(
    settings: Settings, decision: Decision, source: MarketSource
) -> tuple[Account | None, Sequence[ChartMarker]]:
    """Return the account as of the decision's session, and its fills up to then."""
    if decision.account is None:
        return account_for(settings, source, decision.ticker, decision.as_of), ()
    try:
        ledger = open_ledger(settings, reading=True)
        try:
            calendar = trading_calendar(ledger.broker(decision.account).book.rules.calendar)
            until = calendar.last_completed(decision.as_of)
            broker = account_at(ledger, decision.account, source, calendar, until)
        finally:
            ledger.close()
        if broker is None:
            return None, ()
        splits = MarketView(source, decision.as_of).splits(decision.ticker)
        fills = [
            _fill(each.action.sign, each.quantity, each.price, date.fromisoformat(each.session[:10]), splits)
            for each in executions(broker.journal.events, broker.book)
            if each.symbol == decision.ticker
        ]
        return account_view(broker, decision.ticker, lambda _: None), fills
    except OpenOutcryError as error:
        if is_bug(error):
            raise
        return None, ()


def _fill(sign: int, quantity: Decimal, price: Decimal, session: date, splits: Sequence[Split]) -> ChartMarker:
    verb = "bought" if sign > 0 else "sold"
    label = f"{verb} {abs(quantity):f} at {price:f}"
    for split in splits:
        if session < split.ex_date:
            price /= split.ratio
    return ChartMarker(MarkerKind.BUY if sign > 0 else MarkerKind.SELL, session, label, price)


def _market_events(view: MarketView, decision: Decision) -> tuple[ChartMarker, ...]:
    found: list[ChartMarker] = []
    for read in (_earnings, _dividends, _news):
        try:
            found += read(view, decision)
        except OpenOutcryError as error:
            if is_bug(error):
                raise
    return tuple(found)


def session_after(calendar: TradingCalendar, published: datetime) -> date:
    """Return the first session that closes after `published`: its bar is the first to reflect what was published."""
    if published < calendar.closes[0]:
        return calendar.sessions[0]
    return calendar.next(calendar.last_completed(published))


def _earnings(view: MarketView, decision: Decision) -> Iterator[ChartMarker]:
    calendar = view.calendar(decision.ticker)
    for filing in view.filings(decision.ticker):
        label = f"{filing.timeframe} figures for the period to {filing.period_end}"
        yield ChartMarker(MarkerKind.EARNINGS, session_after(calendar, filing.known_at), label)


def _dividends(view: MarketView, decision: Decision) -> Iterator[ChartMarker]:
    for dividend in view.dividends(decision.ticker):
        if dividend.ex_date <= decision.as_of.date():
            yield ChartMarker(MarkerKind.DIVIDEND, dividend.ex_date, f"dividend of {dividend.amount:f} a share")


def _news(view: MarketView, decision: Decision) -> Iterator[ChartMarker]:
    calendar = view.calendar(decision.ticker)
    for item in view.news(decision.ticker, days=NEWS_DAYS):
        yield ChartMarker(MarkerKind.NEWS, session_after(calendar, item.published_at), item.title)

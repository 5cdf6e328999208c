"""`openoutcry paper run`: one session of a paper account."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from rich.console import Console

from ...app.backtest_estimate import estimate_session
from ...app.clock import now
from ...app.daily_run import DailyResult, DailyRun
from ...app.daily_stores import DailyStores, open_daily_stores
from ...app.paper_request import SessionFlags, account_settings, paper_entry, requested_days, session_request
from ...app.session_opening import SessionRequest, requested_times
from ...app.session_plan import plan_of
from ...app.session_rows import result_of
from ...app.settings import Settings, load_settings
from ...desk.accounts.market_replay import active_symbols
from ...desk.records.document import to_document
from ...desk.records.session_status import SessionStatus
from ...domain.account import AccountState
from ...domain.decision import Decision
from ...domain.trading_calendar import trading_calendar
from ..console.backtest import print_estimate
from ..console.exit_codes import ExitCode, exit_for_abstention, first_present
from ..console.session_progress import SessionProgress
from ..console.tables import print_line, print_rows, write_json

COLUMNS = ("ticker", "outcome", "rating", "conviction", "orders", "accepted", "note")


@dataclass(frozen=True, slots=True)
class SessionLine:
    """The decision on one ticker of a session; `accepted` counts the orders that the broker accepted."""

    ticker: str
    outcome: str
    rating: str
    conviction: str
    orders: str
    accepted: int
    note: str


def run_session_command(
    flags: SessionFlags, overrides: Mapping[str, object], *, as_json: bool, dry_run: bool
) -> ExitCode:
    """Run one session, print its decisions and return the exit code; a dry run prints the expected usage."""
    entry = paper_entry(load_settings({}), flags.account)
    request, settings = session_request(entry, flags), account_settings(entry, overrides)
    with open_daily_stores(settings) as stores, SessionProgress(Console(stderr=True)) as observer:
        if dry_run:
            return _show_estimate(request, settings, stores)
        try:
            results = list(_results(flags, request, DailyRun(settings, stores, observer), stores, as_json=as_json))
        except KeyboardInterrupt:
            observer.notice("interrupted: the same command continues the session")
            return ExitCode.INTERRUPTED
    if as_json:
        documents = [session_document(each) for each in results]
        write_json(documents if flags.until else documents[0])
    elif not flags.until:
        _print(results[0])
    return first_present(map(exit_for_session, results))


def _results(
    flags: SessionFlags, request: SessionRequest, run: DailyRun, stores: DailyStores, *, as_json: bool
) -> Iterator[DailyResult]:
    """Yield the result of the session, or of every session up to `until`, with a line for each."""
    if not flags.until:
        yield run.run(request)
        return
    calendar = trading_calendar(stores.ledger.broker(request.account).book.rules.calendar)
    for day in requested_days(flags, calendar):
        result = run.run(replace(request, session=day))
        if not as_json:
            _print_line(result)
        yield result


def _show_estimate(request: SessionRequest, settings: Settings, stores: DailyStores) -> ExitCode:
    """Print the expected usage of the watchlist and of what the account holds; nothing is changed."""
    book = stores.ledger.broker(request.account).book
    times = requested_times(request, trading_calendar(book.rules.calendar), now())
    symbols = sorted({*(entry.symbol for entry in request.watchlist), *active_symbols(book)})
    desks = {entry.symbol: entry.desk for entry in request.watchlist if entry.desk}
    print_estimate(estimate_session(symbols, times.session, settings, desks), settings)
    return ExitCode.DONE


def exit_for_session(result: DailyResult) -> ExitCode:
    """Return the exit code of a session: that of its abstentions only if no ticker has a decision."""
    status = result.row.status
    if status is SessionStatus.AWAITING_APPROVAL:
        return ExitCode.WAITING
    if result.state is AccountState.HALTED:
        return ExitCode.REFUSED
    if status in {SessionStatus.MISSED, SessionStatus.LATE}:
        return ExitCode.ABSTAINED
    decisions = result.record.decisions if result.record else ()
    if not decisions or any(each.abstention is None for each in decisions):
        return ExitCode.DONE
    return first_present(exit_for_abstention(each.abstention) for each in decisions)


def session_document(result: DailyResult) -> dict[str, object]:
    """Return a session as a JSON document, `openoutcry.session/1`."""
    row, stored = result.row, result_of(result.row)
    return {
        "schema": "openoutcry.session/1",
        "account": row.account,
        "session": row.session.isoformat(),
        "as_of": row.as_of.isoformat().replace("+00:00", "Z"),
        "attempt": row.attempt,
        "status": row.status,
        "note": row.note,
        "repeated": result.repeated,
        "account_state": result.state,
        "equity": None if stored is None else str(stored.equity),
        "orders": 0 if stored is None else stored.orders,
        "accepted": 0 if stored is None else stored.accepted,
        "notices": [] if stored is None else list(stored.notices),
        "runs": {} if stored is None else dict(stored.runs),
        "decisions": [to_document(each) for each in (result.record.decisions if result.record else ())],
    }


def _print(result: DailyResult) -> None:
    row, stored = result.row, result_of(result.row)
    again = " (finished before; nothing was changed)" if result.repeated else ""
    note = f": {row.note}" if row.note else ""
    print_line(f"Session {row.session} of account {row.account}: {row.status.replace('_', ' ')}{note}{again}")
    if stored is not None:
        print_line(f"Equity {stored.equity:,f}, {stored.accepted} of {stored.orders} order(s) accepted")
    decisions = result.record.decisions if result.record else ()
    if decisions:
        print_rows([_line(each) for each in decisions], as_json=False, nothing="", columns=COLUMNS)
    if row.status is SessionStatus.AWAITING_APPROVAL:
        until = f"{plan_of(row.request).deadline:%Y-%m-%d %H:%M} UTC"
        print_line(f"Orders wait for a person until {until}: openoutcry paper approvals --account {row.account}")
    if result.state is not AccountState.ACTIVE:
        print_line(f"The account is {result.state}: {result.halted}")


def _print_line(result: DailyResult) -> None:
    row, stored = result.row, result_of(result.row)
    money = (
        "" if stored is None else f", equity {stored.equity:,f}, {stored.accepted} of {stored.orders} order(s) accepted"
    )
    print_line(f"{row.session} {row.status.replace('_', ' ')}{money}")


def _line(decision: Decision) -> SessionLine:
    orders = [f"{order.action} {order.quantity:f} {order.type}" for order in decision.risk.allowed]
    refused = [answer.reason for answer in decision.submissions or () if not answer.accepted]
    reason = decision.abstention.reason if decision.abstention else "; ".join(refused)
    return SessionLine(
        ticker=decision.ticker,
        outcome=decision.outcome,
        rating=decision.thesis.rating if decision.thesis else "",
        conviction="" if decision.thesis is None else f"{decision.thesis.conviction:+.2f}",
        orders=", ".join(orders),
        accepted=sum(answer.accepted for answer in decision.submissions or ()),
        note=reason,
    )

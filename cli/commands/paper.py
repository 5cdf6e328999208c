"""`openoutcry paper`: paper accounts."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from rich.console import Console

from ...app.as_of import read_symbol
from ...app.factories import open_ledger
from ...app.id_prefix import match_id
from ...app.schedule_status import schedule_status
from ...app.settings import load_settings
from ...desk.accounts import statement
from ...desk.accounts.activity import activity
from ...desk.accounts.currency import account_currency
from ...desk.accounts.delisting import confirm_delisting
from ...domain.errors import ConfigError
from ...domain.orders import Action
from ...domain.text import strip_control
from ...ledger.book.book import Book
from ...ledger.broker import Broker
from ...ledger.pricing.units import MINOR, exact_units, to_decimal
from ...ledger.reports.export import beancount, csv_lines, jsonl
from ...ledger.reports.history import equity_curve, executions
from ...ledger.store.ledger import Ledger
from ...storage.output_file import write_output
from ..arguments.account_rules import AccountFlags, account_rules, amount
from ..console.tables import print_line, print_record, print_rows, write_json, write_text

POSITION_COLUMNS = ("symbol", "quantity", "average_cost", "mark", "stale_sessions", "value", "unrealised", "realised")
ORDER_COLUMNS = ("order_id", "action", "quantity", "filled", "type", "limit", "stop", "time_in_force", "status")
FILL_COLUMNS = ("session", "order_id", "symbol", "action", "quantity", "price", "reference", "commission")
HISTORY_COLUMNS = ("session", "event", "order_id", "quantity", "price", "cash", "detail")
BEGINNINGS = ("seq,date,event,account,commodity,amount", '{"hash":"', 'option "title" "')
"""How the exports begin; a file that begins so may be overwritten."""
FORMATS = ("csv", "jsonl", "beancount")


@contextmanager
def open_configured_ledger(*, reading: bool = False) -> Iterator[Ledger]:
    """Open the configured ledger and close it afterwards; with `reading`, the database may be read-only."""
    ledger = open_ledger(load_settings({}), reading=reading)
    try:
        yield ledger
    finally:
        ledger.close()


def init(name: str, flags: AccountFlags, *, as_json: bool) -> None:
    """Open an account and book its first deposit."""
    cash, rules = amount(flags.cash, "--cash"), account_rules(flags)
    currency = account_currency(flags.currency)
    with open_configured_ledger() as ledger:
        ledger.create(name, rules, currency=currency)
        with ledger.transaction(name) as broker:
            broker.deposit("opening", exact_units(cash, MINOR, "cash"))
        where = ledger.database.url
        report_account(ledger, name, f"account {name} is open with {cash:,f} {currency} in {where}", as_json=as_json)


def status(name: str, *, as_json: bool) -> None:
    """Print a summary of the account, its sessions and its scheduler."""
    with open_configured_ledger(reading=True) as ledger:
        line = statement.status(ledger.broker(name), _head(ledger, name))
    schedule = schedule_status(load_settings({}), name)
    if as_json:
        write_json({**asdict(line), "schedule": asdict(schedule)})
        return
    print_record(line, as_json=False)
    if schedule.last_session or schedule.scheduler:
        print_record(schedule, as_json=False)


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account in the list; money in the account's currency."""

    account: str
    currency: str
    session: str
    equity: Decimal
    positions: int
    open_orders: int
    state: str
    halted: str
    reducing: str


def list_accounts(*, as_json: bool) -> None:
    """Print every account of the ledger, one per line."""
    with open_configured_ledger(reading=True) as ledger:
        lines = [_account_line(ledger.broker(name).book) for name in ledger.accounts()]
    nothing = "No accounts. openoutcry paper init --account NAME opens one."
    print_rows(lines, as_json=as_json, nothing=nothing, title="Accounts")


def _account_line(book: Book) -> AccountLine:
    return AccountLine(
        account=book.account,
        currency=book.currency,
        session=book.session,
        equity=to_decimal(book.equity, MINOR),
        positions=sum(1 for held in book.positions.values() if held.quantity),
        open_orders=len(book.live_orders()),
        state=book.state,
        halted=book.halted or "",
        reducing=book.reducing or "",
    )


def positions(name: str, *, as_json: bool) -> None:
    """Print the positions and their lots."""
    with _reading(name) as broker:
        lines = statement.positions(broker)
    print_rows(lines, as_json=as_json, nothing="No positions.", columns=POSITION_COLUMNS)
    if lines and not as_json:
        print_line("")
        lots = [lot for line in lines for lot in line.lots]
        print_rows(lots, as_json=False, nothing="", title="Lots, oldest first")


def orders(name: str, *, every: bool, as_json: bool) -> None:
    """Print the open orders, or all orders."""
    nothing = "No orders." if every else "No open orders (--all includes closed orders)."
    with _reading(name) as broker:
        lines = statement.orders(broker.book, every=every)
        print_rows(lines, as_json=as_json, nothing=nothing, columns=_order_columns(lines))


def _order_columns(lines: Sequence[statement.OrderLine]) -> tuple[str, ...]:
    """Return the columns of a table of orders, with the moments and the awaited exits where an order has one."""
    scheduled = any(isinstance(each, statement.ScheduledOrderLine) for each in lines)
    turned = any(each.parent and Action(each.action).opens for each in lines)
    return (*ORDER_COLUMNS, *(("good_after",) if scheduled else ()), *(("parent",) if turned else ()))


def fills(name: str, *, as_json: bool) -> None:
    """Print all executions."""
    with _reading(name) as broker:
        lines = tuple(executions(broker.journal.events, broker.book))
        print_rows(lines, as_json=as_json, nothing="No fills yet.", columns=FILL_COLUMNS)


def history(name: str, limit: int, *, as_json: bool) -> None:
    """Print the last `limit` events that changed cash or orders; as JSON, the last `limit` raw events."""
    with _reading(name) as broker:
        if as_json:
            print_rows(statement.history(broker)[-limit:], as_json=True, nothing="")
        else:
            lines = tuple(activity(broker.journal.events))[-limit:]
            print_rows(lines, as_json=False, nothing="No events yet.", columns=HISTORY_COLUMNS)


def equity(name: str, *, as_json: bool) -> None:
    """Print equity by session, with a plot on a terminal."""
    with _reading(name) as broker:
        lines = tuple(equity_curve(broker.journal.events))
    if not as_json and len(lines) > 1:
        draw([float(line.equity) for line in lines], f"{name}: equity, {lines[0].session} to {lines[-1].session}")
    print_rows(lines, as_json=as_json, nothing="No completed sessions yet.")


def cancel(name: str, order_id: str, *, as_json: bool) -> None:
    """Cancel an open order and its exit orders; the id of an order that was split cancels its open slices."""
    with open_configured_ledger() as ledger:
        with ledger.transaction(name) as broker:
            slices = broker.book.slices.get(order_id, ())
            for each in slices:
                if not broker.book.order(each).ended:
                    broker.cancel(each)
        if slices:
            lines = [each for each in statement.orders(ledger.broker(name).book, every=True) if each.order_id in slices]
            print_rows(lines, as_json=as_json, nothing="", columns=(*ORDER_COLUMNS, "good_after"))
            return
        with ledger.transaction(name) as broker:
            listing, known = f"openoutcry paper orders --all --account {name}", broker.book.orders
            if any(each.startswith(order_id) for each in known):  # the broker refuses an unknown order
                order_id = match_id(order_id, known, "order", listing)
            broker.cancel(order_id)
        book = ledger.broker(name).book
        if as_json:
            (line,) = [each for each in statement.orders(book, every=True) if each.order_id == order_id]
            print_record(line, as_json=True)
        else:
            print_line(f"{order_id} is {book.order(order_id).status}")


def delist(name: str, symbol: str, text: str, *, as_json: bool) -> None:
    """Close the position in a symbol that no longer trades; the same delisting is booked once."""
    symbol = str(read_symbol(symbol))
    try:
        price = Decimal(text)
    except InvalidOperation as error:
        raise ConfigError(f"--price {text}: not a price") from error
    with open_configured_ledger() as ledger:
        with ledger.transaction(name) as broker:
            booked = confirm_delisting(broker, symbol, price)
        sentence = f"{symbol} is delisted at {price:f}" if booked else f"{symbol} was delisted at {price:f} before"
        report_account(ledger, name, f"{sentence}; {name} has {statement.money(ledger.broker(name).book.equity):,f}",
                as_json=as_json)  # fmt: skip


def move_cash(name: str, text: str, reference: str, *, out: bool, as_json: bool) -> None:
    """Deposit cash, or withdraw it if `out` is set; each reference is booked once."""
    units = exact_units(amount(text, "the amount"), MINOR, "amount")
    with open_configured_ledger() as ledger:
        with ledger.transaction(name) as broker:
            (broker.withdraw if out else broker.deposit)(reference, units)
        book = ledger.broker(name).book
        sentence = f"cash of {name}: {statement.money(book.cash):,f} {book.currency}"
        report_account(ledger, name, sentence, as_json=as_json)


def export(name: str, form: str, target: Path | None, *, force: bool) -> None:
    """Write the journal as CSV postings, JSON lines or a beancount ledger, to a file or standard output."""
    if form not in FORMATS:
        raise ConfigError(f"--format {form}: one of {', '.join(FORMATS)}")
    with _reading(name) as broker:
        text = "".join(
            {
                "csv": lambda: csv_lines(broker.journal, broker.book),
                "jsonl": lambda: jsonl(broker.journal),
                "beancount": lambda: beancount(broker.journal, broker.book),
            }[form]()
        )
    if target is None:
        write_text(text)
    else:
        write_output(target, text, lambda found: found.startswith(BEGINNINGS), force=force)


def report_account(ledger: Ledger, name: str, sentence: str, *, as_json: bool) -> None:
    """Print `sentence`, or with `as_json` the account's status."""
    if as_json:
        print_record(statement.status(ledger.broker(name), _head(ledger, name)), as_json=True)
    else:
        print_line(sentence)


@contextmanager
def _reading(name: str) -> Iterator[Broker]:
    with open_configured_ledger(reading=True) as ledger:
        yield ledger.broker(name)


def _head(ledger: Ledger, name: str) -> str:
    found = ledger.query("SELECT hash FROM accounts WHERE account = ?", (name,))
    return str(found[0][0]) if found else ""


def draw(values: Sequence[float], title: str) -> None:
    """Plot values on a terminal; nothing is written to a pipe."""
    if not sys.stdout.isatty():
        return
    from uniplot import plot_to_string

    sys.stdout.write(
        plot_to_string(
            ys=values, title=strip_control(title), height=12, width=min(Console().width - 14, 100), lines=True
        )
    )
    sys.stdout.write("\n")

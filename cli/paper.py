"""`openoutcry paper`: a paper account and what is in it."""

import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.text import Text

from ..desk import statement
from ..domain.errors import ConfigError
from ..ledger.broker import Broker
from ..ledger.commission import Commission, CommissionKind
from ..ledger.export import beancount, csv_lines, jsonl
from ..ledger.history import equity_curve, executions
from ..ledger.lots import LotMethod
from ..ledger.rules import AccountRules, SplitOrders
from ..ledger.slippage import Slippage, SlippageKind
from ..ledger.store.ledger import Ledger
from ..ledger.units import MINOR, exact_units
from .compose import open_ledger
from .lines import show_line, show_lines
from .settings import load_settings

E = TypeVar("E", bound=StrEnum)
LARGEST_AMOUNT = Decimal(10) ** 12
ORDER_COLUMNS = ("order_id", "action", "quantity", "filled", "type", "limit", "stop", "time_in_force", "status")
FILL_COLUMNS = ("session", "order_id", "symbol", "action", "quantity", "price", "reference", "commission")
FORMATS = ("csv", "jsonl", "beancount")


@dataclass(frozen=True, slots=True)
class Opening:
    """How a new account is to be treated. Money in currency, costs in basis points."""

    cash: Decimal
    margin: bool
    commission_bps: int
    slippage_bps: int
    participation: Decimal
    lots: LotMethod
    split_orders: SplitOrders
    rules: Path | None


def opening(
    cash: str,
    margin: bool,
    commission_bps: int,
    slippage_bps: int,
    participation: float,
    lots: str,
    split_orders: str,
    rules: Path | None,
) -> Opening:
    """Return how an account is to be treated; raises ConfigError for a flag that makes no sense."""
    return Opening(
        cash=amount(cash, "--cash"),
        margin=margin,
        commission_bps=commission_bps,
        slippage_bps=slippage_bps,
        participation=Decimal(str(participation)),
        lots=_one_of(LotMethod, lots, "--lots"),
        split_orders=_one_of(SplitOrders, split_orders, "--split-orders"),
        rules=rules,
    )


def amount(text: str, what: str) -> Decimal:
    """Return a positive amount of money; raises ConfigError."""
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ConfigError(f"{what} {text}: not an amount of money") from error
    if not value.is_finite() or not 0 < value <= LARGEST_AMOUNT or value != value.quantize(Decimal("0.01")):
        raise ConfigError(f"{what} {text}: give a positive amount in whole cents, up to {LARGEST_AMOUNT:,f}")
    return value


def _one_of(kind: type[E], text: str, what: str) -> E:
    try:
        return kind(text)
    except ValueError as error:
        raise ConfigError(f"{what} {text}: one of {', '.join(kind)}") from error


@contextmanager
def the_ledger() -> Iterator[Ledger]:
    """Open the ledger that the settings name, and let go of it."""
    ledger = open_ledger(load_settings({}))
    try:
        yield ledger
    finally:
        ledger.close()


def init(name: str, opening: Opening) -> None:
    """Open an account and pay its first deposit in."""
    with the_ledger() as ledger:
        ledger.create(name, _rules(opening))
        with ledger.writing(name) as broker:
            broker.deposit("opening", exact_units(opening.cash, MINOR, "cash"))
        where = ledger.database.engine.url.render_as_string(hide_password=True)
        Console().print(Text(f"account {name} is open with {opening.cash:,f} in {where}"), soft_wrap=True)


def status(name: str, *, as_json: bool) -> None:
    """Print the account at a glance."""
    with the_ledger() as ledger:
        show_line(statement.status(ledger.broker(name), _head(ledger, name)), as_json=as_json)


def positions(name: str, *, as_json: bool) -> None:
    """Print the positions."""
    with _reading(name) as broker:
        show_lines(statement.positions(broker.book), as_json=as_json, nothing="No positions.")


def orders(name: str, *, every: bool, as_json: bool) -> None:
    """Print the open orders, or every order ever given."""
    nothing = "No orders." if every else "No open orders (--all shows the others)."
    with _reading(name) as broker:
        lines = statement.orders(broker.book, every=every)
        show_lines(lines, as_json=as_json, nothing=nothing, columns=ORDER_COLUMNS)


def fills(name: str, *, as_json: bool) -> None:
    """Print all executions."""
    with _reading(name) as broker:
        lines = tuple(executions(broker.journal.events, broker.book))
        show_lines(lines, as_json=as_json, nothing="No fills yet.", columns=FILL_COLUMNS)


def history(name: str, limit: int, *, as_json: bool) -> None:
    """Print the last events of the journal."""
    with _reading(name) as broker:
        show_lines(statement.history(broker)[-limit:], as_json=as_json, nothing="Nothing has happened yet.")


def equity(name: str, *, as_json: bool) -> None:
    """Print equity by session, and draw it where there is a terminal."""
    with _reading(name) as broker:
        lines = tuple(equity_curve(broker.journal.events))
    if not as_json and len(lines) > 1:
        _draw([float(line.equity) for line in lines], f"{name}: equity, {lines[0].session} to {lines[-1].session}")
    show_lines(lines, as_json=as_json, nothing="No session has been closed yet.")


def cancel(name: str, order_id: str) -> None:
    """Cancel an open order with its exits."""
    with the_ledger() as ledger:
        with ledger.writing(name) as broker:
            broker.cancel(order_id)
        Console().print(Text(f"{order_id} is {ledger.broker(name).book.order(order_id).status}"))


def halt(name: str, reason: str) -> None:
    """Stop the account: no order is taken until it is resumed."""
    if not reason.strip():
        raise ConfigError("--reason: say why the account is halted")
    with the_ledger() as ledger:
        with ledger.writing(name) as broker:
            broker.halt(reason)
        Console().print(Text(f"{name} is halted: {plain_reason(ledger, name)}"))


def resume(name: str) -> None:
    """Let a halted account take orders again."""
    with the_ledger() as ledger:
        with ledger.writing(name) as broker:
            broker.resume()
        Console().print(Text(f"{name} takes orders"))


def move_cash(name: str, text: str, reference: str, *, out: bool) -> None:
    """Pay cash in or `out`; the same reference is booked once."""
    units = exact_units(amount(text, "the amount"), MINOR, "amount")
    with the_ledger() as ledger:
        with ledger.writing(name) as broker:
            (broker.withdraw if out else broker.deposit)(reference, units)
        Console().print(Text(f"cash of {name}: {statement.money(ledger.broker(name).book.cash):,f}"))


def export(name: str, form: str, target: Path | None) -> None:
    """Write the journal as CSV postings, JSON lines, or a beancount ledger, to a file or to standard output."""
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
        sys.stdout.write(text)
        return
    try:
        target.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(f"{target} cannot be written: {error.strerror}") from error


def plain_reason(ledger: Ledger, name: str) -> str:
    """Return why an account is halted."""
    return ledger.broker(name).book.halted or ""


@contextmanager
def _reading(name: str) -> Iterator[Broker]:
    with the_ledger() as ledger:
        yield ledger.broker(name)


def _head(ledger: Ledger, name: str) -> str:
    found = ledger.query("SELECT hash FROM accounts WHERE account = ?", (name,))
    return str(found[0][0]) if found else ""


def _rules(opening: Opening) -> AccountRules:
    commission = Commission(CommissionKind.BPS, rate=opening.commission_bps) if opening.commission_bps else Commission()
    slippage = Slippage(SlippageKind.FIXED, bps=opening.slippage_bps) if opening.slippage_bps else Slippage()
    share = int(opening.participation * 10_000)
    if opening.participation and not share:
        raise ConfigError(f"--participation {opening.participation}: at least 0.0001, or 0 for no limit")
    rules = AccountRules(
        margin=opening.margin,
        commission=commission,
        slippage=slippage,
        participation_bps=share or None,
        lots=opening.lots,
        split_orders=opening.split_orders,
    )
    return rules if opening.rules is None else _written(opening.rules, rules)


def _written(path: Path, flags: AccountRules) -> AccountRules:
    """Return the account rules that a TOML file holds, laid over those of the flags."""
    known = asdict(flags)
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
        _check_names(written, known)
        return TypeAdapter(AccountRules).validate_python(known | written)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"--rules {path} cannot be read: {error}") from error
    except ValidationError as error:
        defect = error.errors()[0]
        where = ".".join(str(part) for part in defect["loc"])
        raise ConfigError(f"--rules {path}: {where}: {defect['msg']}") from error


def _check_names(written: Mapping[str, object], known: Mapping[str, object]) -> None:
    """Raise ConfigError for a rule that there is not, at the top or in a table."""
    for name, value in written.items():
        if name not in known:
            raise ConfigError(f"--rules: there is no rule {name!r}; there are {', '.join(known)}")
        inner = known[name]
        if isinstance(value, Mapping) and isinstance(inner, Mapping):
            _check_names(value, inner)


def _draw(values: list[float], title: str) -> None:
    if not sys.stdout.isatty():
        return
    from uniplot import plot_to_string

    sys.stdout.write(
        plot_to_string(ys=values, title=title, height=12, width=min(Console().width - 14, 100), lines=True)
    )
    sys.stdout.write("\n")

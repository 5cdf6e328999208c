"""`openoutcry paper performance`: the figures of an account."""

from dataclasses import asdict, fields

from ...desk.accounts.account_performance import account_performance, unit_values
from ...domain.trading_calendar import ALWAYS
from ...performance.returns import SESSIONS_A_YEAR
from ..console.tables import print_pairs, write_json
from .paper import draw, open_configured_ledger

DAYS_A_YEAR = 365
SIGNED, SHARES = frozenset({"total_return", "max_drawdown"}), frozenset({"volatility", "hit_rate"})


def performance(name: str, *, as_json: bool) -> None:
    """Print the figures of the account, with a plot of its unit value on a terminal."""
    with open_configured_ledger(reading=True) as ledger:
        broker = ledger.broker(name)
        events, book = broker.journal.events, broker.book
        values = tuple(unit_values(events))
        periods = DAYS_A_YEAR if book.rules.calendar == ALWAYS else SESSIONS_A_YEAR
        found = account_performance(events, book, values, periods)
    if as_json:
        write_json(asdict(found))
        return
    if len(values) > 1:
        draw([each.units for each in values], f"{name}: value of one unit, {found.first} to {found.last}")
    print_pairs([(each.name, _shown(each.name, getattr(found, each.name))) for each in fields(found)])


def _shown(name: str, value: object) -> object:
    if value is None:
        return "n/a"
    if isinstance(value, float):
        return f"{value:+.2%}" if name in SIGNED else f"{value:.2%}" if name in SHARES else f"{value:.2f}"
    return value

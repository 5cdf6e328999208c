"""`openoutcry paper performance`: the figures of an account."""

from dataclasses import asdict, fields

from ...desk.accounts.account_performance import account_performance, unit_values
from ...domain.trading_calendar import ALWAYS
from ...performance.returns import SESSIONS_A_YEAR
from ...performance.summary import PerformanceSummary
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
    known = {name: value for name, value in asdict(found).items() if name != "figures"}
    names = [field.name for field in fields(PerformanceSummary)]
    known |= {name: None if found.figures is None else getattr(found.figures, name) for name in names}
    if as_json:
        write_json(known)
        return
    if len(values) > 1:
        draw([each.units for each in values], f"{name}: value of one unit, {found.first} to {found.last}")
    print_pairs([(name, _shown(name, value)) for name, value in known.items()])


def _shown(name: str, value: object) -> object:
    if value is None:
        return "n/a"
    if isinstance(value, float):
        return f"{value:+.2%}" if name in SIGNED else f"{value:.2%}" if name in SHARES else f"{value:.2f}"
    return value

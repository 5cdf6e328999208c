"""Generation of insider trades: officers sell now and then, and rather buy after their company's shares fell.

A trade is made at the close of a session and reported half an hour after the close two sessions later, the deadline of
the SEC's Form 4. Trades depend on past prices only and carry no planted signal.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from math import prod

from ...domain.market import InsiderSide, InsiderTrade
from .newswire import NewsContext
from .random_streams import random_stream

TRADES = 0.035
"""Probability of a trade per session and company."""
FALLS, BUYS_AFTER_FALL, BUYS = -0.10, 0.75, 0.15
"""Total return over LOOK_BACK sessions after which insiders rather buy, and the shares of purchases."""
LOOK_BACK, DELAY = 21, 2
FILED = timedelta(minutes=30)
SMALLEST, LARGEST = 20_000, 900_000
"""Value of a trade, in currency."""
PEOPLE: Sequence[tuple[str, str]] = (
    ("Aveline Borst", "Chief Executive Officer"),
    ("Corin Dalmaz", "Chief Financial Officer"),
    ("Edda Fenwright", "Director"),
    ("Galen Hourst", "General Counsel"),
    ("Ilka Jorvane", "Director"),
    ("Kester Lundqvar", "10% owner"),
)


def insider_trades(context: NewsContext) -> tuple[InsiderTrade, ...]:
    """Return all trades of the insiders of one company, oldest report first; a fund without statements has none."""
    return tuple(_trades(context)) if context.filed else ()


def _trades(context: NewsContext) -> Iterator[InsiderTrade]:
    time, history, symbol = context.time, context.history, context.company.ticker
    changes = history.change.tolist()
    draws = random_stream(context.seed, symbol, "insiders").random((len(time), 4)).tolist()
    for session in range(history.first + LOOK_BACK, min(history.end, len(time)) - DELAY):
        chance, who, manner, size = draws[session]
        if chance >= TRADES:
            continue
        close = int(history.close[session])
        fell = prod(1 + change for change in changes[session - LOOK_BACK + 1 : session + 1]) - 1 <= FALLS
        bought = manner < (BUYS_AFTER_FALL if fell else BUYS)
        price = Decimal(close).scaleb(-2)
        person, role = PEOPLE[int(who * len(PEOPLE))]
        yield InsiderTrade(
            symbol,
            person,
            role,
            InsiderSide.BUY if bought else InsiderSide.SELL,
            max(Decimal(100), Decimal(int(Decimal(round(SMALLEST + size * (LARGEST - SMALLEST))) / price / 100) * 100)),
            price,
            time.closes[session + DELAY] + FILED,
        )

"""Evidence of insider trades: the newest reports, and what insiders bought and sold on balance."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...domain.market import InsiderSide, InsiderTrade
from ...market.text import one_line, truncate
from ...market.view import MarketView
from ..numbers import format_amount
from .builder import EvidenceBuilder, SourceTable

DAYS = 90
MOST_TRADES = 6
LONGEST_NAME = 24


def insider_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return insider.net_90d, .buyers_90d, .sellers_90d and at most 6 trades reported in 90 days, newest first.

    Empty without a report in that time. insider.net_90d is the value bought less the value sold, in quote currency, as
    a share of both together, -1 to 1. Raises NoData if the source has no such reports.
    """
    start = view.as_of - timedelta(days=DAYS)
    recent = [trade for trade in view.insider_trades(symbol) if _is_after(trade, start)]
    if not recent:
        return ()
    builder = EvidenceBuilder(view, EvidenceKind.INSIDER, SourceTable.INSIDER)
    newest = sorted(recent, key=lambda each: (each.known_at, _identity(each)), reverse=True)
    named = {f"insider.{sha256(_identity(each).encode()).hexdigest()[:8]}": each for each in newest[:MOST_TRADES]}
    trades = (builder.for_table(each).text(name, each.known_at, _trade(each)) for name, each in named.items())
    return (*_balance(builder.for_table(*recent), recent), *trades)


def _balance(builder: EvidenceBuilder, recent: Sequence[InsiderTrade]) -> tuple[Evidence, ...]:
    known_at = max(each.known_at for each in recent)
    bought, sold = (_of(recent, side) for side in InsiderSide)
    worth_bought, worth_sold = (sum((each.shares * each.price for each in part), Decimal(0)) for part in (bought, sold))
    net = (worth_bought - worth_sold) / (worth_bought + worth_sold)
    words = f"insiders bought for {format_amount(worth_bought)} and sold for {format_amount(worth_sold)} in {DAYS} days"
    counts = (("buyers", bought), ("sellers", sold))
    return (
        *builder.number(f"insider.net_{DAYS}d", known_at, f"{words}, on balance {{:+.0%}}", net),
        *(
            fact
            for word, part in counts
            for fact in builder.number(
                f"insider.{word}_{DAYS}d", known_at, f"{{}} insiders were {word} in {DAYS} days", len(_people(part))
            )
        ),
    )


def _is_after(trade: InsiderTrade, start: datetime) -> bool:
    """Return whether a trade was reported after `start`, and, if its day is known, also made since then."""
    return trade.known_at > start and (trade.traded_on is None or trade.traded_on >= start.date())


def _of(trades: Sequence[InsiderTrade], side: InsiderSide) -> list[InsiderTrade]:
    return [each for each in trades if each.side is side]


def _people(trades: Sequence[InsiderTrade]) -> set[str]:
    return {each.person for each in trades}


def _trade(trade: InsiderTrade) -> str:
    person, role = (truncate(one_line(text).replace('"', "'"), LONGEST_NAME) for text in (trade.person, trade.role))
    did = "bought" if trade.side is InsiderSide.BUY else "sold"
    who = f'"{person}"' + (f' ("{role}")' if role else "")
    return f"{trade.traded_on or trade.known_at:%Y-%m-%d} {who} {did} {trade.shares:,f} at {trade.price:f}"


def _identity(trade: InsiderTrade) -> str:
    parts: tuple[str, ...] = (
        trade.person,
        trade.role,
        trade.side,
        f"{trade.shares:f}",
        f"{trade.price:f}",
        trade.known_at.isoformat(),
    )
    parts += (trade.traded_on.isoformat(),) if trade.traded_on else ()
    return "\n".join(parts).encode(errors="backslashreplace").decode()

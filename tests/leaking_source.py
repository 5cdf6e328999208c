"""A market source that leaks: one kind of fact becomes visible five days before it is public."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import (
    Bar,
    Dividend,
    Filing,
    FilingText,
    InsiderSide,
    InsiderTrade,
    Interval,
    MacroPoint,
    NewsItem,
    Profile,
    Split,
)
from openoutcry.market.source import MarketSource

EARLY = timedelta(days=5)
KINDS = ("bars", "splits", "dividends", "news", "filings", "filing_texts", "insider_trades", "profile", "macro")


@dataclass(frozen=True)
class LeakingSource:
    """Answers as `inner` does, and adds to the answers of one `kind` a fact that is known five days after `until`.

    With `only_at`, it leaks to questions about that moment only.
    """

    inner: MarketSource
    kind: str
    only_at: datetime | None = None
    name: str = "leaking"
    synthetic: bool = True

    def symbols(self) -> Sequence[Symbol]:
        return self.inner.symbols()

    def calendar_name(self, symbol: Symbol, *, until: datetime | None = None) -> str:
        return self.inner.calendar_name(symbol, until=until)

    def bars(self, symbol: Symbol, interval: Interval, *, until: datetime, count: int) -> Sequence[Bar]:
        return self._leaked("bars", self.inner.bars(symbol, interval, until=until, count=count), until)

    def splits(self, symbol: Symbol, *, until: datetime) -> Sequence[Split]:
        return self._leaked("splits", self.inner.splits(symbol, until=until), until)

    def dividends(self, symbol: Symbol, *, until: datetime) -> Sequence[Dividend]:
        return self._leaked("dividends", self.inner.dividends(symbol, until=until), until)

    def news(self, symbol: Symbol, *, since: datetime, until: datetime) -> Sequence[NewsItem]:
        return self._leaked("news", self.inner.news(symbol, since=since, until=until), until)

    def filings(self, symbol: Symbol, *, until: datetime) -> Sequence[Filing]:
        return self._leaked("filings", self.inner.filings(symbol, until=until), until)

    def filing_texts(self, symbol: Symbol, *, until: datetime) -> Sequence[FilingText]:
        section = FilingText(symbol, "8-K", "2.02", "Results", "Sales rose.", "", until - EARLY)
        return self._leaked("filing_texts", [*self.inner.filing_texts(symbol, until=until), section], until)

    def insider_trades(self, symbol: Symbol, *, until: datetime) -> Sequence[InsiderTrade]:
        trade = InsiderTrade(symbol, "A", "CEO", InsiderSide.BUY, Decimal(1), Decimal(1), until - EARLY)
        return self._leaked("insider_trades", [*self.inner.insider_trades(symbol, until=until), trade], until)

    def profile(self, symbol: Symbol, *, until: datetime) -> Profile | None:
        company = Profile(symbol, "A", "Tech", "Chips", "US", "USD", "XNYS", None, None, "", until - EARLY)
        return self._leaked("profile", [company], until)[-1]

    def macro(self, series: str, *, until: datetime, count: int) -> Sequence[MacroPoint]:
        return self._leaked("macro", self.inner.macro(series, until=until, count=count), until)

    def macro_series(self) -> Sequence[str]:
        return self.inner.macro_series()

    def warnings(self, symbol: Symbol, *, until: datetime) -> Sequence[str]:
        return self.inner.warnings(symbol, until=until)

    def _leaked(self, kind: str, facts: Sequence[Any], until: datetime) -> Sequence[Any]:
        if kind != self.kind or not facts or self.only_at not in (None, until):
            return facts
        return [*facts, replace(facts[-1], known_at=until + EARLY)]

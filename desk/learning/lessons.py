"""Lessons: the outcome of a thesis after its horizon, and the price moves after news."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from ...agents.reflector import ReflectionInput, Reflector
from ...domain.brief import Brief
from ...domain.ids import Symbol
from ...market.text import truncate
from ...market.view import MarketView
from ...memory.port import MemoryView
from ...memory.record import Aspect, Record, Source
from .memory import DeskMemory
from .recording import CONVICTION, HORIZON, VOLATILITY
from .returns import RealizedReturn, ReturnCalculator

NEWS_HORIZONS = (1, 7, 14)
"""Calendar days after a news item at which the price move is measured."""
MATURE = timedelta(days=max(NEWS_HORIZONS))
MOST_TOLD, LONGEST_HEADLINE = 4, 90
OUTCOME, EXCESS, TOTAL, START = "outcome", "excess", "return", "start"


@dataclass(frozen=True, slots=True)
class _Answer:
    """The price move after a news item: `words` for every number of days, `outcome` for the longest."""

    news: Record
    words: str
    outcome: RealizedReturn


@dataclass(frozen=True, slots=True)
class Lessons:
    """Writes the lessons on one symbol that can be known at the view's moment."""

    memory: DeskMemory
    reflector: Reflector
    view: MarketView
    brief: Brief
    since: ReturnCalculator

    @property
    def symbol(self) -> Symbol:
        return self.brief.symbol

    async def for_thesis(self, thesis: Record) -> Record:
        """Return the lesson of a thesis; without figures if the prices of that time are no longer available."""
        horizon, volatility = int(thesis.fact(HORIZON) or 0), float(thesis.fact(VOLATILITY) or 0)
        session = self.since.calendar.last_completed(thesis.event_at)
        came = self.since.outcome(session, horizon, volatility or self.since.daily_volatility)
        if came is None:
            return self._untold(thesis)
        told = " ".join((_outcome_text(came, float(thesis.fact(CONVICTION) or 0)), *self._done(thesis)))
        said = await self.reflector.reflect(ReflectionInput(self.symbol, self.view.as_of, thesis.text, told))
        figures = {OUTCOME: came.z_score, EXCESS: came.excess, TOTAL: came.total}
        facts = (
            *thesis.facts,
            *((name, Decimal(str(round(value, 6)))) for name, value in figures.items()),
            (START, Decimal(int(thesis.event_at.timestamp()))),
        )
        record = self._record(Source.TRADE_REFLECTION, Aspect.TRADE, said.lesson, came, [thesis])
        return replace(record, facts=facts)

    async def for_news(self, memory_view: MemoryView) -> list[Record]:
        """Return one lesson on all news that is two weeks old and not part of an earlier lesson; None without any."""
        ripe = news_to_settle(memory_view, self.symbol, self.view.as_of)
        answers = [answer for item in ripe if (answer := self._answer(item))]
        if not answers:
            return []
        largest = sorted(answers, key=lambda answer: -abs(answer.outcome.z_score))[:MOST_TOLD]
        then = f"{self.symbol}: of {len(answers)} news items, what prices answered most to:"
        outcome = " ".join(f"{truncate(each.news.text, LONGEST_HEADLINE)}: {each.words}." for each in largest)
        said = await self.reflector.reflect(ReflectionInput(self.symbol, self.view.as_of, then, outcome))
        last = max((answer.outcome for answer in answers), key=lambda came: came.known_at)
        return [self._record(Source.PRICE_REFLECTION, Aspect.NEWS, said.lesson, last, [each.news for each in answers])]

    def _untold(self, thesis: Record) -> Record:
        """Return a lesson without an outcome, so that the thesis is not evaluated again."""
        now = self.view.as_of
        return Record(
            namespace=self.memory.namespace,
            symbol=self.symbol,
            source=Source.TRADE_REFLECTION,
            aspect=Aspect.TRADE,
            text=f"{truncate(thesis.text, LONGEST_HEADLINE)} What came of it cannot be told: no prices are held.",
            event_at=now,
            available_at=now,
            learned_at=now,
            outcome_at=now,
            sources=(thesis.id,),
        )

    def _done(self, thesis: Record) -> list[str]:
        """Return the results of a thesis's orders if they are the last orders of the account."""
        return [
            f"{order.action}: asked {order.asked:f}, allowed {order.allowed:f}, filled {order.filled:f} "
            f"({order.status})."
            for order in self.brief.account.last_orders
            if order.as_of == thesis.event_at
        ]

    def _answer(self, item: Record) -> _Answer | None:
        """Return the price move in the days after a news item; None if a bar is missing."""
        session = self.since.calendar.last_completed(item.event_at)
        daily = self.since.daily_volatility
        spans = [
            (days, self.since.sessions_in(session, item.event_at + timedelta(days=days))) for days in NEWS_HORIZONS
        ]
        came = [(days, self.since.outcome(session, max(1, sessions), daily)) for days, sessions in spans]
        known = [(days, outcome) for days, outcome in came if outcome]
        if len(known) < len(NEWS_HORIZONS):
            return None
        words = ", ".join(f"{outcome.excess:+.1%} in {days} d" for days, outcome in known)
        _, last = known[-1]
        return _Answer(item, words, last)

    def _record(self, source: Source, aspect: Aspect, text: str, came: RealizedReturn, of: Sequence[Record]) -> Record:
        return Record(
            namespace=self.memory.namespace,
            symbol=self.symbol,
            source=source,
            aspect=aspect,
            text=text,
            event_at=came.known_at,
            available_at=max([came.known_at, *(one.available_at for one in of)]),
            learned_at=self.view.as_of,
            outcome_at=came.known_at,
            sources=tuple(one.id for one in of),
        )


def news_to_settle(memory_view: MemoryView, symbol: Symbol, as_of: datetime) -> list[Record]:
    """Return the news on a symbol that are two weeks old at `as_of` and not part of an earlier lesson."""
    lessons = memory_view.records(symbol, sources=(Source.PRICE_REFLECTION,))
    covered = {source for record in lessons for source in record.sources}
    news = memory_view.records(symbol, sources=(Source.NEWS,))
    return [item for item in news if item.event_at + MATURE <= as_of and item.id not in covered]


def _outcome_text(came: RealizedReturn, conviction: float) -> str:
    verdict = "No side was taken." if not conviction else "Right." if conviction * came.z_score > 0 else "Wrong."
    beyond = f"{came.excess:+.1%} beyond the market, " if came.against_market else ""
    return f"{came.sessions} sessions later: {came.total:+.1%}, {beyond}{came.z_score:+.1f} deviations. {verdict}"

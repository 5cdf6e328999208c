"""What the desk learns when an outcome is known: lessons, feedback to what a thesis rested on, and beliefs."""

from asyncio import gather
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from math import copysign

from ..agents.reflector import Occasion, Reflector
from ..domain.brief import Brief
from ..domain.ids import Symbol
from ..graph.bench import Members
from ..memory.port import MemoryView
from ..memory.record import Aspect, Change, Event, Record, Source
from ..tools.headlines import clipped
from ..tools.view import MarketView
from .believing import OUTCOME, beliefs
from .memory import DeskMemory
from .noting import CONVICTION, HORIZON, VOLATILITY
from .outcome import Outcome, Since

LEARNING_RATE, LARGEST = 0.25, 2.0
"""Of the feedback g = rate * clip(excess return in deviations, -2, 2) / number of cited memories."""
AFTER = (1, 7, 14)
"""Calendar days after which the price is held against a piece of news."""
MOST_TOLD, LONGEST_HEADLINE = 4, 90
MATURE = timedelta(days=max(AFTER))
EXCESS, TOTAL = "excess", "return"


async def settle(memory: DeskMemory, members: Members, view: MarketView, brief: Brief) -> None:
    """Write down what has become known about the symbol since the last decision; doing it again changes nothing.

    Raises NoData when the symbol has no current bars.
    """
    if not memory.writes or members.reflector is None:
        return
    past = memory.at(view.as_of)
    symbol = brief.symbol
    settling = _Settling(memory, members.reflector, view, brief, Since.read(view, symbol))
    lessons_due = gather(*map(settling.lesson, past.due(symbol)))
    answered, found = await gather(settling.answered_news(past), lessons_due)
    lessons = [lesson for lesson in found if lesson]
    if lessons or answered:
        events = [event for lesson in lessons for event in lesson.feedback(view)]
        memory.keeper.remember([*(lesson.record for lesson in lessons), *answered], events)
    if memory.learns:
        records, events = beliefs(memory, memory.at(view.as_of), symbol, members.trusted)
        if records:
            memory.keeper.remember(records, events)


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What came of one thesis."""

    thesis: Record
    record: Record

    def feedback(self, view: MarketView) -> list[Event]:
        """Return what each memory that the thesis rested on gains, or loses, by the outcome."""
        cited = self.thesis.cites
        conviction, outcome = (float(self.record.fact(name) or 0) for name in (CONVICTION, OUTCOME))
        if not cited or not conviction:
            return []
        right = max(-LARGEST, min(LARGEST, copysign(outcome, conviction * outcome)))
        gain = LEARNING_RATE * right / len(cited)
        return [Event(one, Change.FEEDBACK, view.as_of, self.record.id, gain, self.record.namespace) for one in cited]


@dataclass(frozen=True, slots=True)
class _Settling:
    memory: DeskMemory
    reflector: Reflector
    view: MarketView
    brief: Brief
    since: Since

    @property
    def symbol(self) -> Symbol:
        return self.brief.symbol

    async def lesson(self, thesis: Record) -> _Lesson | None:
        """Return the lesson of a thesis; None where its outcome cannot be told."""
        horizon, volatility = int(thesis.fact(HORIZON) or 0), float(thesis.fact(VOLATILITY) or 0)
        session = self.since.calendar.last_completed(thesis.event_at)
        came = self.since.outcome(session, horizon, volatility)
        if came is None:
            return None
        told = " ".join((_told(came, float(thesis.fact(CONVICTION) or 0)), *self._done(thesis)))
        said = await self.reflector.reflect(Occasion(self.symbol, self.view.as_of, thesis.text, told))
        figures = {OUTCOME: came.deviations, EXCESS: came.excess, TOTAL: came.total}
        record = self._record(Source.TRADE_REFLECTION, Aspect.TRADE, said.lesson, came, [thesis])
        facts = (*thesis.facts, *((name, Decimal(str(round(value, 6)))) for name, value in figures.items()))
        return _Lesson(thesis, replace(record, facts=facts))

    async def answered_news(self, past: MemoryView) -> list[Record]:
        """Return one lesson on the news that prices have had two weeks to answer since the last such lesson."""
        told = {i for record in past.records(self.symbol, sources=(Source.PRICE_REFLECTION,)) for i in record.sources}
        news = past.records(self.symbol, sources=(Source.NEWS,))
        ripe = [item for item in news if item.event_at + MATURE <= self.view.as_of and item.id not in told]
        answers = [(item, answer) for item in ripe if (answer := self._answer(item))]
        if not answers:
            return []
        largest = sorted(answers, key=lambda found: -abs(found[1][1].deviations))[:MOST_TOLD]
        then = f"{self.symbol}: of {len(answers)} news items, what prices answered most to:"
        outcome = " ".join(f"{clipped(item.text, LONGEST_HEADLINE)}: {words}." for item, (words, _) in largest)
        said = await self.reflector.reflect(Occasion(self.symbol, self.view.as_of, then, outcome))
        last = max((came for _, (_, came) in answers), key=lambda came: came.known_at)
        return [self._record(Source.PRICE_REFLECTION, Aspect.NEWS, said.lesson, last, [item for item, _ in answers])]

    def _done(self, thesis: Record) -> list[str]:
        """Say what became of the orders for a thesis, where they are the account's last ones."""
        return [
            f"{past.action}: asked {past.asked:f}, allowed {past.allowed:f}, filled {past.filled:f} ({past.status})."
            for past in self.brief.account.last_orders
            if past.as_of == thesis.event_at
        ]

    def _answer(self, item: Record) -> tuple[str, Outcome] | None:
        """Say what the price did in the days after a piece of news; None where a bar is missing."""
        session = self.since.calendar.last_completed(item.event_at)
        daily = self.since.daily_volatility
        spans = [(days, self.since.sessions_in(session, item.event_at + timedelta(days=days))) for days in AFTER]
        came = [(days, self.since.outcome(session, max(1, sessions), daily)) for days, sessions in spans]
        known = [(days, outcome) for days, outcome in came if outcome]
        if len(known) < len(AFTER):
            return None
        return ", ".join(f"{outcome.excess:+.1%} in {days} d" for days, outcome in known), known[-1][1]

    def _record(self, source: Source, aspect: Aspect, text: str, came: Outcome, of: Sequence[Record]) -> Record:
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


def _told(came: Outcome, conviction: float) -> str:
    verdict = "No side was taken." if not conviction else "Right." if conviction * came.deviations > 0 else "Wrong."
    return (
        f"{came.sessions} sessions later: {came.total:+.1%}, {came.excess:+.1%} beyond the market, "
        f"{came.deviations:+.1f} deviations. {verdict}"
    )
